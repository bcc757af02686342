// What kernel/batch.cpp calls of OpenMP's run time, where its regions are compiled for one thread (MemorySanitizer).
#include <omp.h>

void omp_set_dynamic(int) {}
int omp_get_thread_num() { return 0; }
