// libgomp without what it brings for accelerators: OpenACC, plugins, the loader of shared objects behind them, and the
// eighty kilobytes of all that. A static program takes an object of an archive for the names in it that it needs, and
// these three are all that the rest of libgomp needs of those; nothing here is ever offloaded, so none is ever called
// in earnest. The build tries first whether the compiler's libgomp is one that this fits.
extern "C" {  // the names are libgomp's

void goacc_profiling_initialize() {}

void goacc_runtime_initialize() {}

bool gomp_target_task_fn(void*) { return false; }

}  // extern "C"
