// Writes answers as JSON text. What an answer says is decided elsewhere; its field names and their order are here.
#ifndef LANECRYPT_RUNTIME_ANSWER_HPP
#define LANECRYPT_RUNTIME_ANSWER_HPP

#include <string_view>

#include "request.hpp"
#include "work.hpp"

namespace lanecrypt::runtime {

// Writes the answers of a request's items one by one, in their order, for sources that put them into answers of
// their own.
class ItemAnswers {
 public:
  ItemAnswers(const Request& request, const Outcome& outcome) : request_(request), outcome_(outcome) {}

  // Appends the next item's answer, an object. There must be one.
  void append_next(std::pmr::string& out);

 private:
  const Request& request_;
  const Outcome& outcome_;
  std::size_t item_ = 0;
  std::size_t job_ = 0;  // there is one job for each item without a problem, in the order of the items
};

// The answer of op hash and op verify, in the arena.
std::string_view write_answer(const Request& request, const Outcome& outcome, Arena& arena);

// The answer of count and mode: the sample's eight fields and no other.
std::string_view write_sample_answer(const Outcome& outcome, Arena& arena);

}  // namespace lanecrypt::runtime

#endif
