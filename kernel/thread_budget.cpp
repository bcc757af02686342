// The thread budget. See the header.
#include "thread_budget.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace lanecrypt {
namespace {

constexpr std::size_t path_max = 512;  // small: this runs on callers' stacks
constexpr std::uint64_t lambda_megabytes_per_vcpu = 1769;

// The first bytes of a small file, as /proc and /sys have them; empty where it cannot be read.
template <std::size_t size>
class SmallFile {
 public:
  explicit SmallFile(const char* path) noexcept {
    std::FILE* file = std::fopen(path, "re");
    if (file == nullptr) return;
    size_ = std::fread(text_, 1, sizeof text_, file);
    std::fclose(file);
  }
  std::string_view text() const noexcept { return {text_, size_}; }

 private:
  char text_[size];
  std::size_t size_ = 0;
};

// The whole number at the front of text, which is moved behind it and one separator. False: there is none.
bool take_number(std::string_view& text, std::uint64_t& number) noexcept {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return false;
  text.remove_prefix(std::min<std::size_t>(text.size(), static_cast<std::size_t>(end - text.data()) + 1));
  return true;
}

unsigned whole_cpus(std::uint64_t quota, std::uint64_t period) noexcept {
  if (quota == 0 || period == 0) return 0;
  return static_cast<unsigned>(std::min<std::uint64_t>(quota / period + (quota % period != 0), threads_max));
}

// "max 100000" or "150000 100000".
unsigned read_v2(const char* folder) noexcept {
  char path[path_max];
  std::snprintf(path, sizeof path, "%s/cpu.max", folder);
  const SmallFile<64> file(path);
  std::string_view text = file.text();
  std::uint64_t quota = 0;
  std::uint64_t period = 0;
  return take_number(text, quota) && take_number(text, period) ? whole_cpus(quota, period) : 0;
}

// "-1" in cfs_quota_us is no quota.
unsigned read_v1(const char* folder) noexcept {
  char path[path_max];
  std::uint64_t numbers[2] = {};
  const char* const names[2] = {"cpu.cfs_quota_us", "cpu.cfs_period_us"};
  for (int i = 0; i < 2; ++i) {
    std::snprintf(path, sizeof path, "%s/%s", folder, names[i]);
    const SmallFile<64> file(path);
    std::string_view text = file.text();
    if (!take_number(text, numbers[i])) return 0;
  }
  return whole_cpus(numbers[0], numbers[1]);
}

unsigned least(unsigned a, unsigned b) noexcept { return a == 0 ? b : b == 0 ? a : std::min(a, b); }

// The tightest quota from a group up to the mount: a parent's holds for its children too.
unsigned least_upwards(const char* root, const char* mount, std::string_view group,
                       unsigned (*read)(const char*) noexcept) noexcept {
  if (!group.empty() && group.front() != '/') return 0;
  unsigned quota = 0;
  for (;;) {
    char folder[path_max];
    const int length = std::snprintf(folder, sizeof folder, "%s/sys/fs/cgroup%s%.*s", root, mount,
                                     static_cast<int>(group.size()), group.data());
    if (length > 0 && static_cast<std::size_t>(length) < sizeof folder) quota = least(quota, read(folder));
    if (group.empty()) return quota;
    group = group.substr(0, group.rfind('/'));
  }
}

bool lists_cpu(std::string_view controllers) noexcept {
  while (!controllers.empty()) {
    const std::size_t comma = std::min(controllers.find(','), controllers.size());
    if (controllers.substr(0, comma) == "cpu") return true;
    controllers.remove_prefix(std::min(comma + 1, controllers.size()));
  }
  return false;
}

// One line of /proc/self/cgroup, "7:cpu,cpuacct:/a/b" or "0::/a/b": the quota of the group that it names.
unsigned quota_of_line(const char* root, std::string_view line) noexcept {
  const std::size_t first = line.find(':');
  const std::size_t second = line.find(':', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return 0;
  const std::string_view controllers = line.substr(first + 1, second - first - 1);
  std::string_view group = line.substr(second + 1);
  if (group == "/") group = {};
  if (controllers.empty()) {
    return least(least_upwards(root, "", group, read_v2), least_upwards(root, "/unified", group, read_v2));
  }
  if (!lists_cpu(controllers)) return 0;
  return least(least_upwards(root, "/cpu", group, read_v1), least_upwards(root, "/cpu,cpuacct", group, read_v1));
}

unsigned affinity_cpus() noexcept {
  cpu_set_t set;
  // EINVAL where the kernel knows more processors than cpu_set_t has bits: then affinity is no bound that we know of.
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 0;
  return static_cast<unsigned>(CPU_COUNT(&set));
}

}  // namespace

unsigned cgroup_cpus(const char* root) noexcept {
  char path[path_max];
  std::snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
  const SmallFile<4096> file(path);
  std::string_view text = file.text();
  unsigned quota = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    quota = least(quota, quota_of_line(root, text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return quota;
}

unsigned lambda_cpus(const char* megabytes) noexcept {
  if (megabytes == nullptr) return 0;
  std::uint64_t number = 0;
  const char* const end = megabytes + std::strlen(megabytes);
  const auto [stop, error] = std::from_chars(megabytes, end, number);
  if (error != std::errc{} || stop != end) return 0;
  return whole_cpus(number, lambda_megabytes_per_vcpu);
}

ThreadBudget read_thread_budget(const BudgetSources& sources) noexcept {
  ThreadBudget budget;
  budget.visible_cores = static_cast<unsigned>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  budget.affinity = affinity_cpus();
  budget.cgroup = cgroup_cpus(sources.root);
  budget.lambda = lambda_cpus(sources.lambda_memory);
  const unsigned bound = least(least(budget.visible_cores, budget.affinity), least(budget.cgroup, budget.lambda));
  budget.threads = std::clamp(bound, 1U, threads_max);
  return budget;
}

}  // namespace lanecrypt
