// The C ABI with structs as no careful caller would have them, all within one piece of memory: sizes, counts, flags,
// odd addresses, texts that end where the memory does. Each call must answer with the status that the header documents
// for it, each job with its own, outputs are whole or zero, and nothing else is written.
#include <lanecrypt/lanecrypt.h>

#include <algorithm>
#include <string>
#include <vector>

#include "call_jobs.hpp"
#include "grammar.hpp"

namespace lanecrypt::fuzz {
namespace {

struct Report {
  lanecrypt_report* given = nullptr;
  std::size_t size = 0;

  [[nodiscard]] bool writable() const { return given != nullptr && is_writable(size, sizeof *given); }
};

Report choose_report(CallArena& arena, Choices& choices) {
  Report report;
  if (choices.one_in(2)) return report;
  lanecrypt_report value = LANECRYPT_REPORT_INIT;
  report.given = struct_in<lanecrypt_report>(arena, 1, choices);
  report.size = put_struct(value, report.given, choices);
  return report;
}

// What the report must say of jobs with these ends.
void check_report(CallArena& arena, const Report& report, std::size_t ok, std::size_t mismatched, std::size_t count) {
  if (!report.writable() || report.given == nullptr) return;
  lanecrypt_report read;
  std::memcpy(&read, report.given, sizeof read);
  check(read.struct_size == report.size, "a report keeps its size");
  check(read.succeeded == ok && read.mismatched == mismatched, "a report counts what went well");
  check(read.succeeded + read.mismatched + read.failed == count, "a report counts all jobs");
  std::size_t groups = 0;
  for (const std::size_t of_width : read.groups_of_width) groups += of_width;
  check(groups == read.groups && read.groups_of_width[0] == 0, "a report counts its groups");
  check(read.engines_failed <= 1, "one engine of this program is faulty");
  arena.output(report.given, report.size);
}

// An array of jobs as a caller may have it: elsewhere aligned, with a longer stride, or impossible. Or, with memory of
// their own, more than are prepared between two looks at deadline and flag: most are refused at once, which is quick.
template <typename Job>
class Jobs {
 public:
  Jobs(CallArena& arena, Choices& choices, bool many) : arena_(arena), many_(many) {
    many ? choose_many(choices) : choose_few(choices);
  }

  [[nodiscard]] bool valid() const { return valid_; }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::size_t stride() const { return stride_; }
  [[nodiscard]] Job* data() const { return reinterpret_cast<Job*>(at_); }
  Job& operator[](std::size_t i) const { return *reinterpret_cast<Job*>(at_ + i * stride_); }

  // After a call that answered status.
  void check_after(const Asked& asked, lanecrypt_status status, const Report& report) {
    std::size_t ok = 0;
    std::size_t mismatched = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      const Job& job = (*this)[i];
      if (status == LANECRYPT_OK) {
        check_job(job, asked, may_be_unprepared(i) ? LANECRYPT_OK : expected_of(job, asked));
      } else {
        check(is_empty(job, status), "jobs of a call that failed say so");
      }
      ok += job.status == LANECRYPT_OK;
      mismatched += job.status == LANECRYPT_MISMATCH;
      if (!many_) outputs_of(arena_, job);
    }
    check_report(arena_, report, ok, mismatched, count_);
  }

 private:
  static constexpr std::size_t most = 11;            // two groups of any width here
  static constexpr std::size_t first_look = 16'384;  // of capi/batch_work.hpp: before this job, the first being 1

  // A batch that was stopped has not looked at this job, whatever is wrong with it.
  bool may_be_unprepared(std::size_t i) const {
    const lanecrypt_status status = (*this)[i].status;
    return i + 1 >= first_look && (status == LANECRYPT_DEADLINE || status == LANECRYPT_CANCELLED);
  }

  void choose_few(Choices& choices) {
    static constexpr std::size_t longer[] = {0, 0, 0, 0, 8, 64, 3, 4};
    const std::size_t shift = choices.one_in(8) ? 1 + choices.below(15) : 0;
    stride_ = sizeof(Job) + choices.of(longer);
    count_ = choices.below(most + 1);
    at_ = arena_.jobs() + shift;
    valid_ = count_ == 0 || (shift % alignof(Job) == 0 && stride_ % alignof(Job) == 0);
    if (choices.one_in(16)) make_impossible(choices);
    for (std::size_t i = 0; valid_ && i < count_; ++i) choose_job(arena_, choices, (*this)[i]);
  }

  void choose_many(Choices& choices) {
    Job refused{};
    refused.password_length = 1;  // of no password
    static std::vector<Job> jobs;
    jobs.assign(first_look + most / 2, refused);
    for (std::size_t i = jobs.size() - most; i < jobs.size(); ++i) choose_job(arena_, choices, jobs[i]);
    at_ = reinterpret_cast<unsigned char*>(jobs.data());
    count_ = jobs.size();
    stride_ = sizeof(Job);
    valid_ = true;
  }

  void make_impossible(Choices& choices) {
    static constexpr std::size_t strides[] = {0, 1, sizeof(Job) - 8, sizeof(Job)};
    static constexpr std::size_t counts[] = {0, 1, SIZE_MAX, SIZE_MAX / sizeof(Job) + 1, PTRDIFF_MAX};
    count_ = choices.of(counts);
    stride_ = choices.of(strides);
    if (choices.one_in(2)) at_ = nullptr;
    if (at_ != nullptr && stride_ == sizeof(Job) && count_ == 1) count_ = SIZE_MAX;
    valid_ = count_ == 0;
  }

  CallArena& arena_;
  bool many_;
  unsigned char* at_ = nullptr;
  std::size_t count_ = 0;
  std::size_t stride_ = 0;
  bool valid_ = false;
};

template <typename Job, typename Call>
void run_batch_call(CallArena& arena, Choices& choices, Call call) {
  Asked asked;
  choose_options(arena, asked, choices);
  // Many only where they are stopped: to compute them all would take too long.
  Jobs<Job> jobs(arena, choices, asked.is_stopped && choices.one_in(32));
  const Report report = choose_report(arena, choices);
  arena.before_call();
  const lanecrypt_status status = call(jobs.data(), jobs.count(), jobs.stride(), asked.given, report.given);
  if (!jobs.valid()) {
    check(status == LANECRYPT_INVALID_ARGUMENT, "jobs that cannot be are an invalid argument");
    return arena.check_rest();
  }
  const bool bad_report = report.given != nullptr && !report.writable();
  check(status == (bad_report ? LANECRYPT_INVALID_ARGUMENT : asked.expected), "a call's status");
  jobs.check_after(asked, status, report);
  arena.check_rest();
}

void run_hash(CallArena& arena, Choices& choices) {
  Asked asked;
  choose_options(arena, asked, choices);
  lanecrypt_hash_job job{};
  choose_job(arena, choices, job);
  job.cost = 0;
  char* const hash = choices.one_in(8) ? nullptr : reinterpret_cast<char*>(arena.slot(2)) + choices.below(16);
  arena.before_call();
  job.status = lanecrypt_hash(job.password, job.password_length, job.setting, job.setting_length, asked.given, hash);
  if (hash == nullptr) {
    check(job.status == LANECRYPT_INVALID_ARGUMENT, "a hash needs a place");
  } else {
    arena.output(hash, sizeof job.hash);
    std::memcpy(job.hash, hash, sizeof job.hash);
    if (asked.expected != LANECRYPT_OK) check(is_empty(job, asked.expected), "bad options leave no hash");
    if (asked.expected == LANECRYPT_OK) check_job(job, asked, expected_of(job, asked));
  }
  arena.check_rest();
}

void run_verify(CallArena& arena, Choices& choices) {
  Asked asked;
  choose_options(arena, asked, choices);
  lanecrypt_verify_job job{};
  choose_job(arena, choices, job);
  job.upgrade_cost = 0;
  arena.before_call();
  job.status = lanecrypt_verify(job.password, job.password_length, job.hash, job.hash_length, asked.given);
  asked.options.upgrade_cost = 0;  // it is ignored
  if (asked.expected != LANECRYPT_OK) check(job.status == asked.expected, "bad options verify nothing");
  if (asked.expected == LANECRYPT_OK) check_job(job, asked, expected_of(job, asked));
  arena.check_rest();
}

void run_gensalt(CallArena& arena, Choices& choices) {
  static constexpr const char* prefixes[] = {nullptr, "2b", "2a", "2y", "2x", "", "2b "};
  const std::uint32_t cost = some_cost(choices);
  const char* const prefix = choices.of(prefixes);
  char* const setting = choices.one_in(8) ? nullptr : reinterpret_cast<char*>(arena.slot(2)) + choices.below(16);
  const std::string_view name = prefix == nullptr ? "2b" : prefix;
  const bool valid =
      setting != nullptr && (cost == 0 || in_range(cost, 4, 31)) && (name == "2b" || name == "2a" || name == "2y");
  arena.before_call();
  check(lanecrypt_gensalt(cost, prefix, setting) == (valid ? LANECRYPT_OK : LANECRYPT_INVALID_ARGUMENT),
        "a salt's status");
  if (setting != nullptr) {
    const std::string_view text(setting, LANECRYPT_SETTING_SIZE);
    check(valid ? is_setting(text.substr(0, 29)) && text[29] == '\0' : text == std::string(30, '\0'),
          "a setting or zeros");
    check(!valid || cost_of(text) == (cost == 0 ? 12 : cost), "a setting has the cost asked for");
    arena.output(setting, LANECRYPT_SETTING_SIZE);
  }
  arena.check_rest();
}

// The calls that fill a struct: each refuses a size that is none and fills as much as there is.
template <typename T, typename Call>
void run_filling(CallArena& arena, Choices& choices, const T& start, std::size_t least, bool valid,
                 lanecrypt_status refusal, Call call) {
  T* const given = choices.one_in(8) ? nullptr : struct_in<T>(arena, 2, choices);
  const std::size_t size = given == nullptr ? 0 : put_struct(start, given, choices);
  const bool writable = given != nullptr && is_writable(size, least);
  arena.before_call();
  const lanecrypt_status status = call(given);
  check(status == (!writable ? LANECRYPT_INVALID_ARGUMENT : valid ? LANECRYPT_OK : refusal), "a filling call's status");
  if (writable) {
    std::size_t kept = 0;
    std::memcpy(&kept, given, sizeof kept);
    check(kept == size, "a struct keeps its size");
    arena.output(given, size);
  }
  arena.check_rest();
}

void run_parse_hash(CallArena& arena, Choices& choices) {
  const Text text = choose_text(arena, choices);
  if (text.data == nullptr) return;
  const bool valid = is_hash(view(text.data, text.length));
  const lanecrypt_hash_info start = LANECRYPT_HASH_INFO_INIT;
  run_filling(arena, choices, start, sizeof start, valid, LANECRYPT_INVALID_HASH, [&](lanecrypt_hash_info* info) {
    return lanecrypt_parse_hash(static_cast<const char*>(text.data), text.length, info);
  });
  check(lanecrypt_parse_hash(nullptr, 60, nullptr) == LANECRYPT_INVALID_ARGUMENT, "a hash needs an address");
}

void run_machine(CallArena& arena, Choices& choices) {
  const std::size_t index = choices.below(5);
  const lanecrypt_engine_info engine = LANECRYPT_ENGINE_INFO_INIT;
  const lanecrypt_plan_info plan = LANECRYPT_PLAN_INFO_INIT;
  const std::size_t count = choices.one_in(8) ? SIZE_MAX : choices.below(100);
  if (choices.one_in(2)) {
    return run_filling(arena, choices, engine, sizeof engine, index < lanecrypt_engine_count(),
                       LANECRYPT_INVALID_ARGUMENT,
                       [&](lanecrypt_engine_info* info) { return lanecrypt_engine(index, info); });
  }
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  options.threads = 1 + choices.below(16);
  auto* const widths = reinterpret_cast<std::uint32_t*>(arena.jobs());
  const std::size_t capacity = choices.below(64);
  run_filling(arena, choices, plan, offsetof(lanecrypt_plan_info, width_limit), count < 100, LANECRYPT_INVALID_ARGUMENT,
              [&](lanecrypt_plan_info* info) {
                const lanecrypt_status status = lanecrypt_plan(count, &options, widths, capacity, info);
                arena.output(widths, capacity * sizeof *widths);
                return status;
              });
}

void run_call(CallArena& arena, Choices& choices) {
  switch (choices.below(16)) {
    case 0:
      return run_hash(arena, choices);
    case 1:
      return run_verify(arena, choices);
    case 2:
      return run_gensalt(arena, choices);
    case 3:
      return run_parse_hash(arena, choices);
    case 4:
      return run_machine(arena, choices);
    default:
      break;
  }
  if (choices.one_in(2)) return run_batch_call<lanecrypt_hash_job>(arena, choices, lanecrypt_hash_batch);
  run_batch_call<lanecrypt_verify_job>(arena, choices, lanecrypt_verify_batch);
}

}  // namespace
}  // namespace lanecrypt::fuzz

// So that the faulty engine is known for what it is, whatever comes first.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  lanecrypt_engine_info info = LANECRYPT_ENGINE_INFO_INIT;
  for (std::size_t i = 0; i < lanecrypt_engine_count(); ++i) lanecrypt_engine(i, &info);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lanecrypt::fuzz;
  static CallArena arena;
  const std::string_view input = size == 0 ? "" : text_of(data, size);
  Choices choices(input);
  arena.fill(known_texts(), input);
  run_call(arena, choices);
  return 0;
}
