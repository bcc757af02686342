// Stops a process by ptrace and reads it through /proc. See the header.
#include "process_scan.hpp"

#include <elf.h>
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <utility>

namespace lanecrypt::test {
namespace {

constexpr std::size_t page = 4096;
constexpr std::size_t finds_of_a_place = 4;

[[noreturn]] void fail(const std::string& what) {
  if (errno == EPERM || errno == EACCES) throw NoRights(what + ": " + std::strerror(errno));
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

class File {
 public:
  explicit File(const std::string& path) : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (descriptor_ < 0) fail(path);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { close(descriptor_); }

  // As many bytes as there are from there on, up to size.
  std::size_t read(void* to, std::size_t size, std::uint64_t from) const {
    std::size_t done = 0;
    while (done < size) {
      const ssize_t got =
          pread(descriptor_, static_cast<char*>(to) + done, size - done, static_cast<off_t>(from + done));
      if (got <= 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

 private:
  int descriptor_;
};

std::string hex(std::uint64_t number) {
  std::array<char, 16> digits{};
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr};
}

// Looks at every eight bytes of a piece of memory.
void look(std::span<const unsigned char> bytes, std::uint64_t address, const std::string& name, const Needles& needles,
          std::vector<Find>& finds) {
  for (std::size_t i = 0; i + 8 <= bytes.size(); ++i) {
    std::uint64_t piece = 0;
    std::memcpy(&piece, &bytes[i], sizeof piece);
    if (piece == 0) continue;
    const std::string* const needle = needles.at(piece);
    if (needle == nullptr) continue;
    const auto same = [&](const Find& find) { return find.place.starts_with(name) && find.needle == *needle; };
    if (static_cast<std::size_t>(std::count_if(finds.begin(), finds.end(), same)) >= finds_of_a_place) continue;
    finds.push_back({*needle, name + " " + hex(address + i)});
  }
}

struct Region {
  std::uint64_t begin;
  std::uint64_t end;
  std::string name;
};

// What the process may write to, or could before it was made read-only: all that is private and not a plain file's.
std::vector<Region> written_regions(pid_t process) {
  std::ifstream maps("/proc/" + std::to_string(process) + "/maps");
  std::vector<Region> regions;
  for (std::string line; std::getline(maps, line);) {
    std::istringstream words(line);
    std::string range;
    std::string rights;
    std::string offset;
    std::string device;
    std::string inode;
    std::string name;
    words >> range >> rights >> offset >> device >> inode >> name;
    if (rights[0] != 'r' || (rights[1] != 'w' && inode != "0") || name.starts_with("[v")) continue;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    const char* const dash = std::from_chars(range.data(), range.data() + range.size(), begin, 16).ptr;
    std::from_chars(dash + 1, range.data() + range.size(), end, 16);
    regions.push_back({begin, end, name.empty() ? "anonymous" : name});
  }
  return regions;
}

// Runs of pages that are there, in memory or swapped out: what was never touched holds nothing.
std::vector<Region> touched(const File& pagemap, const Region& region) {
  std::vector<std::uint64_t> entries((region.end - region.begin) / page);
  const std::size_t got =
      pagemap.read(entries.data(), entries.size() * sizeof entries[0], region.begin / page * sizeof entries[0]);
  entries.resize(got / sizeof entries[0]);
  std::vector<Region> runs;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i] >> 62 == 0) continue;
    const std::uint64_t at = region.begin + i * page;
    if (!runs.empty() && runs.back().end == at) {
      runs.back().end = at + page;
    } else {
      runs.push_back({at, at + page, region.name});
    }
  }
  return runs;
}

void scan_memory(pid_t process, const Needles& needles, Scanned& scanned) {
  const std::string folder = "/proc/" + std::to_string(process);
  const File memory(folder + "/mem");
  const File pagemap(folder + "/pagemap");
  std::vector<unsigned char> bytes;
  for (const Region& region : written_regions(process)) {
    for (const Region& run : touched(pagemap, region)) {
      bytes.resize(run.end - run.begin);
      bytes.resize(memory.read(bytes.data(), bytes.size(), run.begin));
      scanned.bytes += bytes.size();
      look(bytes, run.begin, region.name, needles, scanned.finds);
    }
  }
  if (scanned.bytes == 0) throw std::runtime_error("nothing could be read of the process's memory");
}

// Whether a thread has ended, gone or not: proc(5), the letter behind the name in parentheses.
bool has_ended(pid_t thread) {
  std::ifstream file("/proc/" + std::to_string(thread) + "/stat");
  const std::string stat(std::istreambuf_iterator<char>(file), {});
  const std::size_t name_end = stat.rfind(") ");
  return name_end == std::string::npos || stat.find_first_of("ZX", name_end) == name_end + 2;
}

// A thread that is stopped as long as this lives.
class Stopped {
 public:
  // Nothing if the thread has ended meanwhile.
  static std::optional<Stopped> stop(pid_t thread) {
    if (ptrace(PTRACE_SEIZE, thread, nullptr, nullptr) != 0) {
      const int error = errno;
      if (error == EPERM && has_ended(thread)) return std::nullopt;  // it is being reaped
      errno = error;
      return gone_or_fail("PTRACE_SEIZE");
    }
    if (ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr) != 0) return gone_or_fail("PTRACE_INTERRUPT");
    int status = 0;
    if (waitpid(thread, &status, __WALL) != thread) return gone_or_fail("waitpid");
    if (!WIFSTOPPED(status)) return std::nullopt;
    return Stopped(thread);
  }
  Stopped(Stopped&& other) noexcept : thread_(std::exchange(other.thread_, 0)) {}
  Stopped(const Stopped&) = delete;
  Stopped& operator=(const Stopped&) = delete;
  Stopped& operator=(Stopped&&) = delete;
  ~Stopped() {
    if (thread_ != 0) ptrace(PTRACE_DETACH, thread_, nullptr, nullptr);
  }

  // General registers by NT_PRSTATUS; vector registers by NT_X86_XSTATE or what the architecture has for them.
  std::vector<unsigned char> registers(unsigned long set) const {
    std::vector<unsigned char> bytes(16 * 1024);  // AVX-512 and AMX have 11 KiB
    iovec part{bytes.data(), bytes.size()};
    if (ptrace(PTRACE_GETREGSET, thread_, set, &part) != 0) fail("PTRACE_GETREGSET");
    bytes.resize(part.iov_len);
    return bytes;
  }
  pid_t thread() const noexcept { return thread_; }

 private:
  explicit Stopped(pid_t thread) noexcept : thread_(thread) {}
  static std::nullopt_t gone_or_fail(const char* what) {
    if (errno != ESRCH && errno != ECHILD) fail(what);
    return std::nullopt;
  }

  pid_t thread_;
};

// Threads may start and end while others are being stopped: until a round finds none that runs.
std::vector<Stopped> stop_all(pid_t process) {
  const std::string tasks = "/proc/" + std::to_string(process) + "/task";
  std::vector<Stopped> stopped;
  for (bool again = true; again;) {
    again = false;
    for (const auto& entry : std::filesystem::directory_iterator(tasks)) {
      const pid_t thread = std::stoi(entry.path().filename());
      const auto known = [&](const Stopped& each) { return each.thread() == thread; };
      if (std::any_of(stopped.begin(), stopped.end(), known)) continue;
      if (auto one = Stopped::stop(thread)) stopped.push_back(std::move(*one));
      again = true;
    }
  }
  return stopped;
}

#if defined(__x86_64__)
constexpr unsigned long vector_registers = NT_X86_XSTATE;
#else
constexpr unsigned long vector_registers = NT_PRFPREG;
#endif

void scan_registers(const Stopped& stopped, const Needles& needles, Scanned& scanned) {
  const std::string name = "registers of thread " + std::to_string(stopped.thread());
  const std::vector<unsigned char> general = stopped.registers(NT_PRSTATUS);
  look(general, 0, name, needles, scanned.finds);
  for (std::size_t i = 0; i + 4 <= general.size(); i += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, &general[i], sizeof word);
    const std::string* const needle = needles.in_register(word);
    if (needle != nullptr) scanned.finds.push_back({*needle, name});
  }
  const std::vector<unsigned char> vectors = stopped.registers(vector_registers);
  look(vectors, 0, "vector " + name, needles, scanned.finds);
  scanned.registers += general.size() + vectors.size();
  ++scanned.threads;
}

}  // namespace

Scanned scan_process(pid_t process, const Needles& needles) {
  Scanned scanned;
  const std::vector<Stopped> threads = stop_all(process);
  for (const Stopped& thread : threads) scan_registers(thread, needles, scanned);
  scan_memory(process, needles, scanned);
  return scanned;
}

Scanned scan_file(const std::string& path, const Needles& needles) {
  Scanned scanned;
  const File file(path);
  constexpr std::size_t step = std::size_t{1} << 20;
  std::vector<unsigned char> bytes(step + 7);  // pieces that straddle two steps
  for (std::uint64_t at = 0;; at += step) {
    const std::size_t got = file.read(bytes.data(), bytes.size(), at);
    look({bytes.data(), got}, at, path, needles, scanned.finds);
    scanned.bytes += std::min(got, step);
    if (got < bytes.size()) return scanned;
  }
}

}  // namespace lanecrypt::test
