// Two libgomps in one process, as wheels bring them: each keeps to its own threads, in any order of loading, in turns,
// at once, and one inside the other.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "loaded_library.hpp"

namespace lanecrypt::test {
namespace {

class SecondTeam {
 public:
  SecondTeam() : handle_(dlopen(LANECRYPT_SECOND_TEAM, RTLD_NOW | RTLD_LOCAL)) {
    EXPECT_NE(handle_, nullptr) << dlerror();
    if (handle_ == nullptr) return;
    team_ = reinterpret_cast<Team>(dlsym(handle_, "second_team"));
    libgomp_ = reinterpret_cast<const void* (*)()>(dlsym(handle_, "second_libgomp"))();
  }

  int run(int threads, int (*work)(void*), void* context) const { return team_(threads, work, context); }
  bool counts_right() const {
    return run(
               4, [](void*) { return 1; }, nullptr) == 4;
  }

  // The file that its regions come from.
  std::string libgomp() const {
    Dl_info info{};
    return dladdr(libgomp_, &info) != 0 ? info.dli_fname : "";
  }

 private:
  using Team = int (*)(int, int (*)(void*), void*);
  void* handle_;  // never closed: libgomp's threads outlive a dlclose, and the copy is not linked for that
  Team team_ = nullptr;
  const void* libgomp_ = nullptr;
};

std::set<std::string> libgomps_mapped() {
  std::set<std::string> files;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const std::size_t path = line.find('/');
    if (path != std::string::npos && line.find("/libgomp", path) != std::string::npos) files.insert(line.substr(path));
  }
  return files;
}

// What a libgomp reads when it is loaded.
std::vector<std::string> environment() {
  std::vector<std::string> all;
  for (char** each = environ; *each != nullptr; ++each) all.emplace_back(*each);
  return all;
}

void expect_two(const SecondTeam& team) {
  EXPECT_EQ(libgomps_mapped().size(), 2U);
  EXPECT_NE(team.libgomp().find("second"), std::string::npos) << team.libgomp();
}

// Everything that two can do beside each other.
void expect_both_right(const LoadedLibrary& library, const SecondTeam& team) {
  for (int round = 0; round < 10; ++round) {
    ASSERT_TRUE(library.batch_is_right(3));
    ASSERT_TRUE(team.counts_right());
  }
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) failures += (t % 2 == 0 ? library.batch_is_right(2) : team.counts_right()) ? 0 : 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  const auto batch_inside = [](void* context) {
    return static_cast<const LoadedLibrary*>(context)->batch_is_right(2) ? 1 : 0;
  };
  EXPECT_EQ(team.run(3, batch_inside, const_cast<LoadedLibrary*>(&library)), 3);
}

// Each order in a process of its own, in which nothing was loaded before.
template <typename Body>
void in_child(Body body) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    body();
    _exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(TwoLibgomps, OursFirst) {
  in_child([] {
    const std::vector<std::string> before = environment();
    const LoadedLibrary library;
    EXPECT_TRUE(library.batch_is_right(4));
    EXPECT_EQ(environment(), before);
    const SecondTeam team;
    expect_two(team);
    expect_both_right(library, team);
  });
}

TEST(TwoLibgomps, TheOtherFirst) {
  in_child([] {
    const SecondTeam team;
    EXPECT_TRUE(team.counts_right());
    const LoadedLibrary library;
    expect_two(team);
    expect_both_right(library, team);
  });
}

TEST(TwoLibgomps, AForkAfterBoth) {
  in_child([] {
    const LoadedLibrary library;
    const SecondTeam team;
    expect_both_right(library, team);
    in_child([&] { EXPECT_TRUE(library.batch_is_right(4)); });
    EXPECT_TRUE(library.batch_is_right(2));
    EXPECT_TRUE(team.counts_right());
  });
}

}  // namespace
}  // namespace lanecrypt::test
