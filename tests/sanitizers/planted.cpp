// One bug for each sanitizer, planted on purpose. Each shows in a call of the library, so that a report says too that
// the kernel itself was compiled for the sanitizer (memcheck needs no such thing). `none` is the same calls without a
// bug and must be clean, so that it is the bug which is reported.
//
//   lanecrypt_planted none|overflow|freed|leak|undefined|uninitialised|race
#include <lanecrypt/lanecrypt.h>
#include <pthread.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>

namespace {

constexpr char setting[] = "$2b$04$abcdefghijklmnopqrstu.";
constexpr char hash_of_pw[] = "$2b$04$abcdefghijklmnopqrstu.Vo9JMbU5lBn6ypIhaQQkKUFEoEy3XKC";
char hash[LANECRYPT_HASH_SIZE];

// The engine in C++ is the one that every sanitizer sees into.
lanecrypt_status hash_it(const char* password, std::size_t length) {
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  options.engine = "portable";
  return lanecrypt_hash(password, length, setting, sizeof setting - 1, &options, hash);
}

char* new_password() {
  auto* const password = static_cast<char*>(std::malloc(2));  // NOLINT(*-no-malloc)
  if (password == nullptr) std::abort();
  password[0] = 'p';
  password[1] = 'w';
  return password;
}

int none() {
  char* const password = new_password();
  const bool right = hash_it(password, 2) == LANECRYPT_OK && std::strcmp(hash, hash_of_pw) == 0;
  std::free(password);  // NOLINT(*-no-malloc)
  return right ? 0 : 3;
}

// The caller says that there is a byte more than there is.
int overflow() {
  char* const password = new_password();
  hash_it(password, 3);
  std::free(password);  // NOLINT(*-no-malloc)
  return 0;
}

int freed() {
  char* password = new_password();
  char* volatile copy = password;  // so that no compiler sees it before the sanitizer does
  std::free(password);             // NOLINT(*-no-malloc)
  hash_it(copy, 2);                // NOLINT(clang-analyzer-unix.Malloc): that is the bug
  return 0;
}

int leak() {
  char* volatile password = new_password();
  hash_it(password, 2);
  password = nullptr;
  return 0;
}

// The array that the library is to write to begins where no array of its type can.
int undefined() {
  alignas(std::uint32_t) static unsigned char memory[64];
  lanecrypt_plan_info plan = LANECRYPT_PLAN_INFO_INIT;
  return lanecrypt_plan(8, nullptr, reinterpret_cast<std::uint32_t*>(memory + 1), 1, &plan) == LANECRYPT_OK ? 0 : 3;
}

// The second byte of the password was never written.
int uninitialised() {
  auto* const password = static_cast<char*>(std::malloc(2));  // NOLINT(*-no-malloc)
  if (password == nullptr) std::abort();
  password[0] = 'p';
  hash_it(password, 2);
  std::free(password);  // NOLINT(*-no-malloc)
  return 0;
}

// A password is changed by its owner while threads of a batch read it.
char contended[72];
void* change_password(void* stop) {
  do {
    ++contended[5];
  } while (__atomic_load_n(static_cast<int*>(stop), __ATOMIC_RELAXED) == 0);
  return nullptr;
}

int race() {
  int stop = 0;
  pthread_t owner;
  if (pthread_create(&owner, nullptr, change_password, &stop) != 0) std::abort();
  lanecrypt_hash_job jobs[40];
  for (lanecrypt_hash_job& job : jobs) job = {contended, sizeof contended, setting, sizeof setting - 1, 0, 0, {}};
  lanecrypt_options options = LANECRYPT_OPTIONS_INIT;
  options.engine = "portable";
  options.threads = 2;
  lanecrypt_hash_batch(jobs, std::size(jobs), sizeof jobs[0], &options, nullptr);
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
  pthread_join(owner, nullptr);
  return 0;
}

struct Bug {
  const char* name;
  int (*commit)();
};
constexpr Bug bugs[] = {{"none", none},           {"overflow", overflow},           {"freed", freed}, {"leak", leak},
                        {"undefined", undefined}, {"uninitialised", uninitialised}, {"race", race}};

}  // namespace

int main(int count, char** arguments) {
  for (const Bug& bug : bugs) {
    if (count == 2 && std::strcmp(arguments[1], bug.name) == 0) return bug.commit();
  }
  std::fprintf(stderr, "usage: lanecrypt_planted none|overflow|freed|leak|undefined|uninitialised|race\n");
  return 2;
}
