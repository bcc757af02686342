// The table of figures as JSON, for programs that plot or compare runs.
#include <boost/json.hpp>
#include <charconv>
#include <ostream>
#include <string_view>

#include "figures.hpp"
#include "lanecrypt/lanecrypt.h"

namespace lanecrypt::bench {
namespace {

boost::json::value or_null(std::optional<double> value) {
  return value ? boost::json::value(*value) : boost::json::value(nullptr);
}

boost::json::object to_json(const Figure& figure) {
  boost::json::object object = {{"key", figure.key},
                                {"text", figure.text},
                                {"unit", figure.unit},
                                {"best", or_null(figure.best)},
                                {"median", or_null(figure.median)}};
  if (figure.bar) {
    object[figure.bar->kind == Bar::Kind::at_least ? "at_least" : "at_most"] = figure.bar->value;
    const std::optional<bool> met = figure.met();
    object["met"] = met ? boost::json::value(*met) : boost::json::value(nullptr);
  }
  if (!figure.detail.empty()) object["detail"] = figure.detail;
  return object;
}

boost::json::object to_json(const PlanRow& row) {
  return {{"threads", row.threads},
          {"widths", boost::json::array(row.widths.begin(), row.widths.end())},
          {"predicted", row.predicted},
          {"best", or_null(row.best)},
          {"median", or_null(row.median)}};
}

boost::json::object to_json(const Machine& machine) {
  return {{"cpu", machine.cpu},           {"l1d_bytes", machine.l1d_bytes},   {"l1d_threads", machine.l1d_threads},
          {"cores", machine.cores},       {"thread_budget", machine.threads}, {"load_average", machine.load},
          {"compiler", machine.compiler}, {"build_type", machine.build_type}, {"libcrypt", machine.libcrypt}};
}

template <typename Rows>
boost::json::array to_json_rows(const Rows& rows) {
  boost::json::array array;
  for (const auto& row : rows) array.push_back(to_json(row));
  return array;
}

// Boost.JSON's serializer writes one long line, and 1.5 as 1.5E0. This file is kept in a repository and read by people,
// so it is laid out here: a figure is a line, and a change of it a change of that line.
void write_inline(std::ostream& out, const boost::json::value& value) {
  const char* before = "";
  if (value.is_object()) {
    out << '{';
    for (const auto& [key, member] : value.get_object()) {
      out << before << boost::json::serialize(boost::json::string(key)) << ": ";
      write_inline(out, member);
      before = ", ";
    }
    out << '}';
  } else if (value.is_array()) {
    out << '[';
    for (const boost::json::value& element : value.get_array()) {
      out << before;
      write_inline(out, element);
      before = ", ";
    }
    out << ']';
  } else if (value.is_double()) {
    char text[32];
    const char* const end =
        std::to_chars(text, text + sizeof text, value.get_double(), std::chars_format::general, 6).ptr;
    out << std::string_view(text, static_cast<std::size_t>(end - text));
  } else {
    out << boost::json::serialize(value);
  }
}

// A member of the outermost object: arrays take a line for each element.
void write_member(std::ostream& out, const boost::json::key_value_pair& member) {
  out << "  " << boost::json::serialize(boost::json::string(member.key())) << ": ";
  if (!member.value().is_array()) return write_inline(out, member.value());
  const char* before = "[\n    ";
  for (const boost::json::value& element : member.value().get_array()) {
    out << before;
    write_inline(out, element);
    before = ",\n    ";
  }
  out << "\n  ]";
}

}  // namespace

void write_json(std::ostream& out, const Figures& figures) {
  const boost::json::object object = {{"version", lanecrypt_version()},
                                      {"engine", figures.engine},
                                      {"rounds", figures.rounds},
                                      {"machine", to_json(figures.machine)},
                                      {"figures", to_json_rows(figures.figures)},
                                      {"plan_of_20", to_json_rows(figures.plan)}};
  const char* before = "{\n";
  for (const boost::json::key_value_pair& member : object) {
    out << before;
    write_member(out, member);
    before = ",\n";
  }
  out << "\n}\n";
}

}  // namespace lanecrypt::bench
