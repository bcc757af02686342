// Places in which a password is left. See the header.
#include "child_plants.hpp"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "secrets.hpp"

namespace lanecrypt::test {
namespace {

volatile unsigned char* kept = nullptr;  // so that a heap block is no leak
unsigned char global_block[long_bytes];
volatile int keeps = 0;  // a thread has the password where it should

void keep_in_heap() {
  kept = static_cast<volatile unsigned char*>(std::malloc(long_bytes));
  if (kept != nullptr) fill_secret(kept, long_bytes, long_number);
}

void keep_in_global() { fill_secret(global_block, long_bytes, long_number); }

// As an engine would have it: four bytes to a word, the first one highest.
void keep_as_words() {
  unsigned char bytes[long_bytes];
  fill_secret(bytes, sizeof bytes, long_number);
  for (std::size_t i = 0; i < 72; ++i) global_block[i ^ 3] = bytes[i];
  explicit_bzero(bytes, sizeof bytes);
}

// Deep enough that what is called next does not write over it.
[[gnu::noinline]] void keep_below_stack() {
  volatile unsigned char frame[16 * 1024];
  fill_secret(frame, long_bytes, long_number);
}

void wait_for_ever() {
  for (;;) pause();
}

void* thread_with_stack(void*) {
  volatile unsigned char frame[long_bytes];
  fill_secret(frame, sizeof frame, long_number);
  keeps = 1;
  wait_for_ever();
  return nullptr;
}

#if defined(__x86_64__)
// pause(2) called from here with a piece of the password in a register: nothing in between may use it.
#define KEEP_IN(load) /* NOLINT(cppcoreguidelines-macro-usage): the instruction is a literal */ \
  unsigned char bytes[long_bytes];                                                              \
  fill_secret(bytes, sizeof bytes, long_number);                                                \
  const unsigned char* const from = bytes;                                                      \
  __asm__ __volatile__(load                                                                     \
                       "\n\tmovq $80, %%rcx\n0:\tmovb $0, -1(%[from], %%rcx)\n\tloop 0b\n"      \
                       "\tmovl $1, %[keeps]\n1:\tmovl %[number], %%eax\n\tsyscall\n\tjmp 1b"    \
                       : [keeps] "=m"(keeps)                                                    \
                       : [from] "r"(from), [number] "i"(SYS_pause)                              \
                       : "rax", "rcx", "r11", "r12", "xmm14", "xmm15", "memory");               \
  return nullptr

void* thread_with_register(void*) { KEEP_IN("movq (%[from]), %%r12"); }
void* thread_with_vector(void*) { KEEP_IN("movdqu (%[from]), %%xmm15"); }
void* thread_with_upper_vector(void*) { KEEP_IN("vmovdqu64 (%[from]), %%zmm31"); }
void* thread_with_upper_half(void*) {
  KEEP_IN(
      "vmovdqu (%[from]), %%ymm15\n\tvpermq $0x4e, %%ymm15, %%ymm15\n\tvpxor %%xmm14, %%xmm14, %%xmm14\n\t"
      "vinserti128 $0, %%xmm14, %%ymm15, %%ymm15");
}
#endif

bool start(void* (*main)(void*)) {
  pthread_t thread;
  if (pthread_create(&thread, nullptr, main, nullptr) != 0) return false;
  while (keeps == 0) usleep(1000);
  return true;
}

bool plant_in_register(std::string_view where) {
#if defined(__x86_64__)
  if (where == "register") return start(thread_with_register);
  if (where == "vector-register") return start(thread_with_vector);
  if (where == "upper-half-register") return __builtin_cpu_supports("avx2") && start(thread_with_upper_half);
  if (where == "upper-register") return __builtin_cpu_supports("avx512f") && start(thread_with_upper_vector);
#endif
  return false;
}

}  // namespace

bool plant(std::string_view where) {
  if (where == "heap") return keep_in_heap(), true;
  if (where == "global") return keep_in_global(), true;
  if (where == "words") return keep_as_words(), true;
  if (where == "stack") return keep_below_stack(), true;
  if (where == "thread-stack") return start(thread_with_stack);
  return plant_in_register(where);
}

}  // namespace lanecrypt::test
