// Writes answers as JSON text. What an answer says is decided elsewhere; its field names and their order are here.
#ifndef LANECRYPT_RUNTIME_ANSWER_HPP
#define LANECRYPT_RUNTIME_ANSWER_HPP

#include <string_view>

#include "request.hpp"
#include "work.hpp"

namespace lanecrypt::runtime {

// With sentences for people; brief where an answer would else be too long: codes alone.
enum class Detail { full, brief };

// Writes the answers of a request's items one by one, in their order, for sources that put them into answers of
// their own.
class ItemAnswers {
 public:
  // All three may change until the first answer.
  ItemAnswers(const Request& request, const Outcome& outcome, const Detail& detail)
      : request_(request), outcome_(outcome), detail_(detail) {}

  // Appends the next item's fields, without braces. There must be one. Returns its status, which is
  // LANECRYPT_INVALID_ARGUMENT for one that was no valid item.
  lanecrypt_status append_next(std::pmr::string& out);

 private:
  template <typename Job>
  lanecrypt_status append_job(std::pmr::string& out, const Job& job);

  const Request& request_;
  const Outcome& outcome_;
  const Detail& detail_;
  std::size_t item_ = 0;
  std::size_t job_ = 0;  // there is one job for each item without a problem, in the order of the items
};

// Appends "name":{"code":…,"message":…}.
void append_error(std::pmr::string& out, std::string_view name, std::string_view code, std::string_view message,
                  Detail detail = Detail::full);

// The answer of op hash and op verify, in the arena.
std::string_view write_answer(const Request& request, const Outcome& outcome, Arena& arena);

// The answer of count and mode: the sample's eight fields and no other.
std::string_view write_sample_answer(const Outcome& outcome, Arena& arena);

}  // namespace lanecrypt::runtime

#endif
