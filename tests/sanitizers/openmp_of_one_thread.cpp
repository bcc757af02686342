// What the kernel asks of OpenMP's run time where its regions are compiled for one thread (MemorySanitizer): this
// thread is alone, and bound to no place.
#include <omp.h>

void omp_set_dynamic(int) {}
int omp_get_thread_num() { return 0; }
omp_proc_bind_t omp_get_proc_bind() { return omp_proc_bind_false; }
int omp_get_num_places() { return 0; }
int omp_get_place_num_procs(int) { return 0; }
void omp_get_place_proc_ids(int, int*) {}
