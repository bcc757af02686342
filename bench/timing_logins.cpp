// Times of verifications that fail, each for another reason. See the header.
#include <lanecrypt/lanecrypt.h>

#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "timing.hpp"
#include "workload.hpp"

namespace lanecrypt::bench {
namespace {

constexpr std::size_t batch_jobs = 8;

// What is verified and what must be answered.
struct Kind {
  const char* text;
  std::string password;
  std::optional<std::string> stored;
  lanecrypt_status answer;
  bool equal_time = true;
  bool truncate = false;
};

std::vector<Kind> make_kinds(unsigned cost) {
  const Sample sample = make_samples(1, cost)[0];
  const std::string stored = Libcrypt().hash(sample.password.c_str(), sample.setting.c_str());
  std::string dear = stored;
  dear.replace(4, 2, "31");
  const std::string unused_bits = stored.substr(0, 28) + "v" + stored.substr(29);
  const std::string longer(100, 'p');
  return {
      {"wrong password", "wrong", stored, LANECRYPT_MISMATCH},
      {"right password", sample.password, stored, LANECRYPT_OK},
      {"unknown user", "wrong", std::nullopt, LANECRYPT_MISMATCH},
      {"stored hash cut short", "wrong", stored.substr(0, 20), LANECRYPT_INVALID_HASH},
      {"stored hash not canonical", "wrong", unused_bits, LANECRYPT_INVALID_HASH},
      {"stored cost over the ceiling", "wrong", dear, LANECRYPT_COST_TOO_HIGH},
      {"password too long", longer, stored, LANECRYPT_PASSWORD_TOO_LONG},
      {"password too long, unknown user", longer, std::nullopt, LANECRYPT_PASSWORD_TOO_LONG},
      {"password too long and truncated", longer, stored, LANECRYPT_MISMATCH, true, true},
      {"stored hash cut short, equal_time 0", "wrong", stored.substr(0, 20), LANECRYPT_INVALID_HASH, false},
      {"password too long, equal_time 0", longer, stored, LANECRYPT_PASSWORD_TOO_LONG, false},
  };
}

// One call, again and again.
class Call {
 public:
  Call(const Kind& kind, std::size_t count, unsigned cost) : kind_(kind), options_(make_options(1)), jobs_(count) {
    options_.cost = cost;
    options_.equal_time = kind.equal_time ? 1 : 0;
    options_.long_passwords = kind.truncate ? LANECRYPT_LONG_TRUNCATE : LANECRYPT_LONG_REFUSE;
    for (lanecrypt_verify_job& job : jobs_) {
      job.password = kind_.password.data();
      job.password_length = kind_.password.size();
      job.hash = kind_.stored ? kind_.stored->data() : nullptr;
      job.hash_length = kind_.stored ? kind_.stored->size() : 0;
    }
  }

  void run() {
    if (jobs_.size() == 1) {
      jobs_[0].status =
          lanecrypt_verify(jobs_[0].password, jobs_[0].password_length, jobs_[0].hash, jobs_[0].hash_length, &options_);
    } else if (lanecrypt_verify_batch(jobs_.data(), jobs_.size(), sizeof jobs_[0], &options_, nullptr) !=
               LANECRYPT_OK) {
      throw Fault("a batch could not be verified");
    }
  }

  void check() const {
    for (const lanecrypt_verify_job& job : jobs_) {
      if (job.status != kind_.answer) throw Fault(std::string("a wrong answer to: ") + kind_.text);
    }
  }

 private:
  const Kind& kind_;
  lanecrypt_options options_;
  std::vector<lanecrypt_verify_job> jobs_;
};

std::vector<Login> measure(const std::vector<Kind>& kinds, std::size_t jobs, const TimingWishes& wishes) {
  std::vector<std::unique_ptr<Call>> calls;
  std::vector<Contestant> contestants;
  for (const Kind& kind : kinds) {
    Call* const call = calls.emplace_back(std::make_unique<Call>(kind, jobs, wishes.cost)).get();
    contestants.push_back({[call] { call->run(); }, [call] { call->check(); }});
  }
  const std::vector<Times> times = alternate(contestants, wishes.rounds);
  std::vector<Login> logins;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const double percent = (times[i].median / times[0].median - 1) * 100;
    logins.push_back({kinds[i].text, jobs, times[i], percent, kinds[i].equal_time});
  }
  return logins;
}

}  // namespace

bool Login::met() const { return !barred || std::abs(percent) <= bars::apart_percent_max; }

std::vector<Login> measure_logins(const TimingWishes& wishes) {
  const std::vector<Kind> kinds = make_kinds(wishes.cost);
  std::vector<Login> logins = measure(kinds, 1, wishes);
  for (Login& login : measure(kinds, batch_jobs, wishes)) logins.push_back(std::move(login));
  return logins;
}

}  // namespace lanecrypt::bench
