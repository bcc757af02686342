// The Runtime API's responses: one that comes in pieces is the same as one that comes whole, however it is cut, and
// nothing of it is a view of memory that the connection has given up.
//
// Input: a number of cuts, as many lengths of pieces, the response. What is behind the last cut comes at once, but
// where there are as many cuts as can be: then the last length goes on to the end.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "arena_check.hpp"
#include "bootstrap/http_response.hpp"

namespace lanecrypt::fuzz {
namespace {

using runtime::HttpResponse;
using Progress = HttpResponse::Progress;

constexpr std::size_t most_cuts = 15;

struct Pieces {
  std::vector<std::size_t> lengths;
  std::string_view response;
};

Pieces pieces_of(const std::uint8_t* data, std::size_t size) {
  Pieces pieces;
  const std::size_t cuts = std::min<std::size_t>(size > 1 ? data[0] % (most_cuts + 1) : 0, size > 1 ? size - 1 : 0);
  for (std::size_t i = 1; i <= cuts; ++i) pieces.lengths.push_back(data[i] + std::size_t{1});
  const std::size_t at = std::min(size, cuts + 1);
  if (size > at) pieces.response = text_of(data + at, size - at);
  return pieces;
}

std::size_t length_of(const Pieces& pieces, std::size_t piece) {
  if (piece < pieces.lengths.size()) return pieces.lengths[piece];
  return pieces.lengths.size() == most_cuts ? pieces.lengths.back() : std::string_view::npos;
}

// Feeds as HttpConnection::receive does: what the parser could not take stays in front of what comes next, and every
// piece is memory of its own that is gone behind it. Returns how many bytes were left over.
std::size_t feed(HttpResponse& response, const Pieces& pieces, Progress& progress) {
  std::string held;
  std::size_t at = 0;
  progress = Progress::more;
  for (std::size_t piece = 0; at < pieces.response.size() && progress == Progress::more; ++piece) {
    const std::size_t length = length_of(pieces, piece);
    const std::string_view next = pieces.response.substr(at, length);
    at += next.size();
    const std::size_t given = held.size() + next.size();
    const std::unique_ptr<char[]> buffer(new char[given]);
    std::copy(next.begin(), next.end(), std::copy(held.begin(), held.end(), buffer.get()));
    std::string_view bytes{buffer.get(), given};
    progress = response.feed(bytes);
    check(bytes.size() <= given && bytes.data() + bytes.size() == buffer.get() + given,
          "bytes are taken from the front");
    held = bytes;
  }
  return held.size() + pieces.response.size() - at;
}

void check_done(const HttpResponse& response, std::string_view text) {
  check(response.status() <= 999, "a status has three digits");
  const std::size_t end = text.find("\r\n\r\n");
  check(end != std::string_view::npos, "a header has an end");
  if (!response.header("Transfer-Encoding").empty()) return;
  check(text.substr(end + 4).starts_with(response.body()), "a body that is not chunked is what is behind the header");
}

void check_same(const HttpResponse& whole, const HttpResponse& cut) {
  check(whole.status() == cut.status() && whole.body() == cut.body(), "pieces give the same status and body");
  check(whole.body_too_large() == cut.body_too_large(), "pieces are as large as the whole");
  check(whole.may_keep_alive() == cut.may_keep_alive(), "pieces say the same of the connection");
  for (const char* name : {"Lambda-Runtime-Aws-Request-Id", "lambda-runtime-deadline-ms", "Lambda-Runtime-Trace-Id",
                           "content-length", "TRANSFER-ENCODING", "connection", "x"}) {
    check(whole.header(name) == cut.header(name), "pieces give the same headers");
  }
}

// What a connection makes of a response. When a bad one is known to be bad depends on where it is cut: Beast looks for
// the end of a header before it looks at the rest, and finds nothing wrong with what goes on. It never becomes a good
// one, and the connection's time limit or its end says so at the latest.
enum class Outcome { done, done_at_end, failed };

Outcome outcome_of(HttpResponse& response, const Pieces& pieces, std::size_t& left) {
  Progress progress{};
  left = feed(response, pieces, progress);
  if (progress == Progress::done) return Outcome::done;
  if (progress == Progress::malformed) return Outcome::failed;
  progress = response.end_of_stream();
  check(progress != Progress::more, "an end is an end");
  return progress == Progress::done ? Outcome::done_at_end : Outcome::failed;
}

void run(const Pieces& pieces, runtime::Arena& whole_arena, runtime::Arena& cut_arena) {
  HttpResponse whole(whole_arena);
  HttpResponse cut(cut_arena);
  std::size_t whole_left = 0;
  std::size_t cut_left = 0;
  const Outcome outcome = outcome_of(whole, {{}, pieces.response}, whole_left);
  check(outcome == outcome_of(cut, pieces, cut_left), "pieces are as good as the whole");
  if (outcome == Outcome::failed) return;
  check(whole_left == cut_left, "pieces leave as much behind the answer");
  check_done(whole, pieces.response);
  check_same(whole, cut);
}

}  // namespace
}  // namespace lanecrypt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lanecrypt;
  static runtime::Arena whole;
  static runtime::Arena cut;
  fuzz::run(fuzz::pieces_of(data, size), whole, cut);
  fuzz::check_wipe(whole);
  fuzz::check_wipe(cut);
  return 0;
}
