// libgomp opens plugins for accelerators when a program offloads to one; this one never does, and a static program has
// nothing to open. Linked with --wrap=dlopen, libgomp finds this instead of glibc's dlopen and its linker warning.
extern "C" void* __wrap_dlopen(const char*, int) {  // the name is the linker's
  return nullptr;
}
