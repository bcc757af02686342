// The handler's configuration from the environment: LANECRYPT_ENGINE, LANECRYPT_MAX_COST, WORKER_COUNT. It and the log
// (AWS_LAMBDA_LOG_FORMAT, AWS_LAMBDA_LOG_LEVEL) are all of the runtime library that reads the environment.
#ifndef LANECRYPT_RUNTIME_CONFIG_HPP
#define LANECRYPT_RUNTIME_CONFIG_HPP

#include <optional>

#include "handler.hpp"

namespace lanecrypt::runtime {

// Fills config. A value that is wrong is an error and never a silent default; an empty variable is an unset one.
// WORKER_COUNT is the exception: the sample took anything there, so what is no number means detect.
std::optional<HandlerError> config_from_environment(HandlerConfig& config);

}  // namespace lanecrypt::runtime

#endif
