// The n-th allocation of an invocation fails, n = 1..all: mappings of the arena, operator new of the handler and of the
// library below it. The answer says so, nothing of the event is in it, nothing is leaked, and the next event is
// answered. libgomp's own allocations are left out (support/failing_allocations.hpp).
#include <gtest/gtest.h>

#include <string>

#include "failing_allocations.hpp"
#include "handler.hpp"

namespace lanecrypt::runtime {
namespace {

namespace allocations = test::allocations;
using allocations::Kind;

constexpr std::string_view secret = "never-in-an-error";

// What is kept of an answer when its arena is gone.
struct Answer {
  bool failed = false;
  std::string text;  // of the answer, or the error's category, type and message
};

class Invocation {
 public:
  explicit Invocation(std::string event) : event_(std::move(event)) {}

  // With an arena of its own, of which the n-th allocation fails; 0: none.
  Answer run(std::size_t n) {
    Arena arena;
    const std::ptrdiff_t before = allocations::live();
    allocations::arm(n);
    const HandlerResult result = handler_.handle(event_, {}, arena);
    failed = allocations::disarm();
    EXPECT_EQ(allocations::live(), before) << "blocks are leaked at allocation " << n;
    EXPECT_EQ(allocations::elsewhere(), 0U) << "a thread of the region allocates";
    Answer answer{result.error.has_value(), std::string(result.answer)};
    if (result.error) answer.text = std::string(result.error->type) + ": " + std::string(result.error->message);
    arena.wipe();
    EXPECT_LE(arena.mapped_bytes(), 256U * 4096) << "at allocation " << n;
    return answer;
  }

  Kind failed = Kind::none;

 private:
  static HandlerConfig two_workers() {
    HandlerConfig config;
    config.worker_count = "2";
    return config;
  }

  std::string event_;
  Handler handler_ = Handler(two_workers());
};

// Settings make answers the same each time, but for their times, which stand behind the items.
std::string hashes_of(const std::string& text) { return text.substr(0, text.find("duration_ms")); }

bool says_out_of_memory(const Answer& answer) {
  return answer.failed && (answer.text == "OutOfMemory: the event needs more memory than one invocation may take" ||
                           answer.text == "BatchFailed: not enough memory");
}

// An HTTP client gets a response whatever happens. Its error says no more than that it is ours.
bool is_a_500(const Answer& answer) {
  return !answer.failed && answer.text.find("\"statusCode\":500") != std::string::npos &&
         answer.text.find(secret) == std::string::npos;
}

template <typename IsRefusal>
void every_allocation_may_fail(Invocation invocation, IsRefusal is_refusal, std::size_t at_least) {
  const Answer right = invocation.run(0);
  ASSERT_FALSE(right.failed) << right.text;
  std::size_t n = 1;
  for (; n < 5000; ++n) {
    const Answer answer = invocation.run(n);
    const Kind failed = invocation.failed;
    const bool went_on = !answer.failed && hashes_of(answer.text) == hashes_of(right.text);
    const bool must_give_up = failed == Kind::mapping || failed == Kind::operator_new;
    if (must_give_up) {
      ASSERT_TRUE(is_refusal(answer)) << n << " (" << allocations::name(failed) << "): " << answer.text;
    } else {
      ASSERT_TRUE(went_on || (failed != Kind::none && is_refusal(answer))) << n << ": " << answer.text;
    }
    ASSERT_EQ(answer.text.find(secret), std::string::npos);
    if (failed == Kind::none) break;
  }
  EXPECT_GE(n - 1, at_least);
  EXPECT_EQ(hashes_of(invocation.run(0).text), hashes_of(right.text));
  testing::Test::RecordProperty("allocations", static_cast<int>(n - 1));
}

// `more` items beside the first make the arena map more than its first chunk, and parse what is large.
std::string hash_items(std::size_t more) {
  const std::string item = R"({"password":")" + std::string(secret) + R"(","setting":"$2b$04$abcdefghijklmnopqrstu."})";
  std::string items = item;
  for (std::size_t i = 0; i < more; ++i) items += "," + item;
  return R"({"op":"hash","items":[)" + items + "]}";
}

std::string escaped(const std::string& text) {
  std::string quoted;
  for (const char c : text) (c == '"' ? quoted += '\\' : quoted) += c;
  return quoted;
}

std::string in_http(const std::string& body) {
  return R"({"version":"2.0","routeKey":"$default","rawPath":"/hash","rawQueryString":"","headers":)"
         R"({"content-type":"application/json"},"requestContext":{"http":{"method":"POST","path":"/hash"}},"body":")" +
         escaped(body) + R"(","isBase64Encoded":false})";
}

TEST(Allocation, AnEventOfAFewItems) { every_allocation_may_fail(Invocation(hash_items(11)), says_out_of_memory, 12); }

TEST(Allocation, AnEventThatFillsSeveralChunks) {
  every_allocation_may_fail(Invocation(hash_items(LANECRYPT_SANITIZED ? 20 : 400)), says_out_of_memory, 12);
}

// As long as the event is not read, nobody knows that it is HTTP's.
TEST(Allocation, AnEventOfHttp) {
  int constants = 0;
  const auto refusal = [&](const Answer& answer) {
    constants += is_a_500(answer);
    return is_a_500(answer) || (constants == 0 && says_out_of_memory(answer));
  };
  every_allocation_may_fail(Invocation(in_http(hash_items(5))), refusal, 12);
  EXPECT_GE(constants, 10);
}

}  // namespace
}  // namespace lanecrypt::runtime
