// Reading is one record at a time and keeps what is wrong with it; computing is one group at a time.
#include "record_batch.hpp"

#include <algorithm>

#include "limits.hpp"

namespace lanecrypt::runtime {
namespace {

namespace json = boost::json;

// Around the items of a record's answer: its identifier, names, numbers.
constexpr std::size_t record_frame_bytes = 256;

bool may_end_better(lanecrypt_status status) {
  switch (status) {
    case LANECRYPT_DEADLINE:
    case LANECRYPT_CANCELLED:
    case LANECRYPT_BUSY:
    case LANECRYPT_OUT_OF_MEMORY:
    case LANECRYPT_NO_ENTROPY:
    case LANECRYPT_INTERNAL:
      return true;
    default:
      return false;
  }
}

bool is_answer(lanecrypt_status status) { return status == LANECRYPT_OK || status == LANECRYPT_MISMATCH; }

// Are all items of both computed by the same call of the ABI?
bool same_options(const Request& a, const Request& b) {
  return a.op == b.op && a.mode == b.mode && a.cost == b.cost && a.prefix == b.prefix && a.truncate == b.truncate &&
         a.upgrade_cost == b.upgrade_cost;
}

// A cost may stand on each hash, so requests that differ in nothing else are computed together.
void move_cost_to_items(Request& request) {
  if (request.op != Op::hash || request.cost == 0) return;
  for (Item& item : request.items) {
    if (item.cost == 0 && !item.has_stored) item.cost = request.cost;
  }
  request.cost = 0;
}

}  // namespace

RecordBatch::Group::Group(Request&& first, Arena& arena, const Detail& detail)
    : request(std::move(first)), outcome(arena), answers(request, outcome, detail) {}

void RecordBatch::add(std::string_view text) {
  Record& record = records_.emplace_back();
  try {
    read(text, record);
  } catch (const InvalidRequest& wrong) {
    record.problem = wrong.message;
  }
}

void RecordBatch::add_problem(std::string_view problem) { records_.emplace_back().problem = problem; }

void RecordBatch::read(std::string_view text, Record& record) {
  JsonTree& tree = trees_.emplace_back(call_.arena);
  const std::string_view problem = reader_.read(text, tree);
  if (!problem.empty()) throw InvalidRequest{problem};
  const json::object* object = tree.root.if_object();
  if (object == nullptr) throw InvalidRequest{"the record must be a JSON object: a request or one item"};
  if (object->contains("count")) throw InvalidRequest{"count and mode make an event of their own and no record"};
  Request request(call_.arena, call_.config.max_cost);
  const json::value* items = object->if_contains("items");
  record.single = items == nullptr && !object->contains("op");
  if (record.single) {
    request.op = object->contains("hash") ? Op::verify : Op::hash;
    append_item(tree.root, tree, call_.arena, request);
  } else {
    request.op = read_op(*object);
    read_options(*object, call_.arena, request);
    if (items != nullptr) append_items(*items, tree, call_.arena, request);
  }
  count(request);
  join(request, record);
}

// The limits of the whole event.
void RecordBatch::count(const Request& request) {
  const std::size_t bytes = longest_items(request) + record_frame_bytes;
  if (request.items.size() > max_items - items_)
    throw InvalidRequest{"the records up to this one have more than 10000 items"};
  if (bytes > max_answer_bytes - brief_bytes_)
    throw InvalidRequest{"the answers of the records up to this one could exceed 6 MiB"};
  static_assert(max_items == 10'000 && max_answer_bytes == std::size_t{6} << 20, "the messages above name the limits");
  items_ += request.items.size();
  brief_bytes_ += bytes;
}

void RecordBatch::join(Request& request, Record& record) {
  move_cost_to_items(request);
  record.items = request.items.size();
  for (Group& group : groups_) {
    if (!same_options(group.request, request)) continue;
    record.group = &group;
    for (Item& item : request.items) item.id_at += group.request.ids.size();
    group.request.ids += request.ids;
    group.request.items.insert(group.request.items.end(), request.items.begin(), request.items.end());
    return;
  }
  record.group = &groups_.emplace_back(std::move(request), call_.arena, detail_);
}

void RecordBatch::run() {
  const std::size_t full_bytes = brief_bytes_ + items_ * max_item_answer_bytes;
  detail_ = full_bytes <= max_answer_bytes ? Detail::full : Detail::brief;
  for (Group& group : groups_) {
    lanecrypt::runtime::run(group.request, call_, group.outcome);
    const std::string_view op = op_name(group.request.op);
    call_.summary.op = &group == &groups_.front() || call_.summary.op == op ? op : "mixed";
  }
  const auto unreadable = static_cast<std::size_t>(
      std::count_if(records_.begin(), records_.end(), [](const Record& record) { return !record.problem.empty(); }));
  call_.summary.items += unreadable;
  call_.summary.failed += unreadable;
}

void RecordBatch::note_failure(std::string_view code) {
  if (call_.summary.first_failure.empty()) call_.summary.first_failure = code;
}

RecordState RecordBatch::append_answer(std::pmr::string& out) {
  const Record& record = records_[next_++];
  if (!record.problem.empty()) {
    append_error(out, "error", "invalid_request", record.problem, detail_);
    note_failure("invalid_request");
    return RecordState::refused;
  }
  if (!record.single) return append_request(out, record);
  const lanecrypt_status status = record.group->answers.append_next(out);
  if (is_answer(status)) return RecordState::done;
  note_failure(status == LANECRYPT_INVALID_ARGUMENT ? "invalid_item" : lanecrypt_status_name(status));
  return may_end_better(status) ? RecordState::unfinished : RecordState::refused;
}

RecordState RecordBatch::append_request(std::pmr::string& out, const Record& record) {
  RecordState state = RecordState::done;
  std::size_t failed = 0;
  items_text_.clear();
  for (std::size_t item = 0; item < record.items; ++item) {
    items_text_ += item == 0 ? "{" : ",{";
    const lanecrypt_status status = record.group->answers.append_next(items_text_);
    items_text_ += '}';
    failed += is_answer(status) ? 0U : 1U;
    if (!may_end_better(status)) continue;
    state = RecordState::unfinished;
    note_failure(lanecrypt_status_name(status));
  }
  append_field(out, "op", op_name(record.group->request.op));
  append_field(out, "processed", record.items);
  append_field(out, "failed", failed);
  append_name(out, "items");
  out += '[';
  out += items_text_;
  out += ']';
  return state;
}

}  // namespace lanecrypt::runtime
