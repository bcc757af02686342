// lanecrypt_secret_scan PROCESS|FILE: looks for what its input names, for tests that are not written in C++. A line of
// input is one of
//   text NAME HEX              these bytes, any eight of them in a row
//   password NAME HEX          the same, and its key words
//   schedule NAME HEX SETTING  the key schedule of this password and setting, after the salt and at the end
// It prints a line for each find and then the number of bytes and threads that it has read. Exit status: 0 nothing was
// found, 1 something was, 2 wrong use or a failure, 3 the process may not be read.
#include <charconv>
#include <cstdio>
#include <exception>
#include <iostream>
#include <sstream>
#include <string>

#include "process_scan.hpp"
#include "secrets.hpp"
#include "setting.hpp"

namespace lanecrypt::test {
namespace {

std::string from_hex(const std::string& digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    unsigned byte = 0;
    if (std::from_chars(&digits[i], &digits[i] + 2, byte, 16).ptr != &digits[i] + 2) {
      throw std::invalid_argument("not hexadecimal");
    }
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

void add(Needles& needles, const std::string& line) {
  std::istringstream words(line);
  std::string kind;
  std::string name;
  std::string digits;
  std::string setting;
  words >> kind >> name >> digits >> setting;
  const std::string bytes = from_hex(digits);
  if (kind == "text") {
    needles.add_text(name, bytes);
  } else if (kind == "password") {
    add_password(needles, name, bytes);
  } else if (kind == "schedule") {
    const auto parsed = Setting::parse(setting);
    if (!parsed) throw std::invalid_argument("not a setting");
    add_schedules(needles, name, bytes, setting, std::uint64_t{1} << parsed->cost());
  } else {
    throw std::invalid_argument("text, password or schedule, not " + kind);
  }
}

int scan(const std::string& target) {
  Needles needles;
  for (std::string line; std::getline(std::cin, line);) add(needles, line);
  if (needles.empty()) throw std::invalid_argument("nothing to look for");
  const bool is_process = target.find_first_not_of("0123456789") == std::string::npos;
  const Scanned scanned = is_process ? scan_process(std::stoi(target), needles) : scan_file(target, needles);
  for (const Find& find : scanned.finds) std::cout << find.needle << " in " << find.place << '\n';
  std::cout << scanned.bytes << " bytes, " << scanned.threads << " threads\n";
  return scanned.finds.empty() ? 0 : 1;
}

}  // namespace
}  // namespace lanecrypt::test

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: lanecrypt_secret_scan PROCESS|FILE\n";
    return 2;
  }
  try {
    return lanecrypt::test::scan(arguments[1]);
  } catch (const lanecrypt::test::NoRights& missing) {
    std::cerr << missing.what() << '\n';
    return 3;
  } catch (const std::exception& wrong) {
    std::cerr << wrong.what() << '\n';
    return 2;
  }
}
