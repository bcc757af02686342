// RecordBatch: the requests of many records computed as one. A record is a message of a queue or a stream, and what it
// carries is a request or one item. Where records come from, and what becomes of one that failed, is sources/'s matter.
#ifndef LANECRYPT_RUNTIME_RECORD_BATCH_HPP
#define LANECRYPT_RUNTIME_RECORD_BATCH_HPP

#include <list>
#include <string_view>
#include <vector>

#include "answer.hpp"
#include "json.hpp"
#include "request.hpp"
#include "work.hpp"

namespace lanecrypt::runtime {

enum class RecordState {
  done,       // also a request some of whose items are wrong for good: its answer says so
  refused,    // wrong for good: no request and no item, or its one item failed
  unfinished  // deadline, SIGTERM, memory: another attempt may end better
};

// Items are put together with those of all records that ask for the same (op, mode, prefix, upgrade, truncation), so an
// event has one batch, or one for each kind of request in it. The limits of an event count over all its records: the
// record that goes over them is refused, and those behind it that fit are not.
class RecordBatch {
 public:
  explicit RecordBatch(Call& call) : call_(call), reader_("the record", call.arena) {}

  // The next record's text: {"op":…,"items":[…],…} or one item. An item with a hash is verified, any other hashed. The
  // text must live as long as the invocation.
  void add(std::string_view text);

  // The next record, which has no text.
  void add_problem(std::string_view problem);

  // Computes everything, after all were added and before the first answer.
  void run();

  // Appends the fields of the next record's answer, without braces: those of the item, or op, processed, failed, items,
  // or error.
  RecordState append_answer(std::pmr::string& out);

 private:
  // What is computed together.
  struct Group {
    Request request;
    Outcome outcome;
    ItemAnswers answers;

    Group(Request&& first, Arena& arena, const Detail& detail);
  };

  struct Record {
    Group* group = nullptr;
    std::size_t items = 0;
    bool single = false;
    std::string_view problem;
  };

  void read(std::string_view text, Record& record);
  void count(const Request& request);
  void join(Request& request, Record& record);
  void note_failure(std::string_view code);
  RecordState append_request(std::pmr::string& out, const Record& record);

  Call& call_;
  JsonReader reader_;
  std::pmr::list<JsonTree> trees_{&call_.arena};
  std::pmr::list<Group> groups_{&call_.arena};
  std::pmr::vector<Record> records_{&call_.arena};
  std::pmr::string items_text_{&call_.arena};
  std::size_t items_ = 0;
  std::size_t brief_bytes_ = 0;  // of all answers, errors without sentences
  Detail detail_ = Detail::full;
  std::size_t next_ = 0;
};

}  // namespace lanecrypt::runtime

#endif
