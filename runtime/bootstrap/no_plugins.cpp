// The static bootstrap loads nothing at run time. libgomp would look for accelerators' plugins if a program offloaded to one,
// and so pulls glibc's dynamic loader into every static program, with a linker warning. It finds this instead.
extern "C" {

void* dlopen(const char*, int) { return nullptr; }
void* dlsym(void*, const char*) { return nullptr; }
char* dlerror() { return nullptr; }
int dlclose(void*) { return 0; }

}  // extern "C"
