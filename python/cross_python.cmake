# Python for a cross compiler: the interpreter and the headers are this machine's, which runs no other. The headers are
# the same on every architecture but for pyconfig.h, and that one says of 64-bit Linux with glibc what is true on x86-64
# and on arm64 alike; tests/arm64/test_python_modules.py compares it with Debian's for arm64.
find_package(Python REQUIRED COMPONENTS Interpreter)
execute_process(
  COMMAND ${Python_EXECUTABLE} -c "import sysconfig as s; print(s.get_paths()['include'], s.get_config_var('EXT_SUFFIX'), s.get_config_var('MULTIARCH'), sep=';')"
  OUTPUT_VARIABLE host OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
list(GET host 0 Python_INCLUDE_DIR)
list(GET host 1 suffix)
list(GET host 2 host_triplet)
get_filename_component(compiler ${CMAKE_CXX_COMPILER} NAME)
string(REGEX REPLACE "-[a-z+]+[0-9.-]*$" "" triplet ${compiler})

# Debian's pyconfig.h includes that of the architecture, by a path with the triplet in it.
set(header python${Python_VERSION_MAJOR}.${Python_VERSION_MINOR}/pyconfig.h)
set(cross_python_includes ${PROJECT_BINARY_DIR}/python-headers)
if(EXISTS /usr/include/${host_triplet}/${header} AND Python_INCLUDE_DIR MATCHES "^/usr/include/")
  file(MAKE_DIRECTORY ${cross_python_includes}/${triplet}/python${Python_VERSION_MAJOR}.${Python_VERSION_MINOR})
  file(CREATE_LINK /usr/include/${host_triplet}/${header} ${cross_python_includes}/${triplet}/${header} SYMBOLIC)
  include_directories(SYSTEM ${cross_python_includes})
endif()

# What pybind11 asks an interpreter of the target for.
string(REPLACE ${host_triplet} ${triplet} PYTHON_MODULE_EXTENSION ${suffix})
set(PYTHON_MODULE_DEBUG_POSTFIX "")
set(PYTHON_IS_DEBUG 0)
set(PYBIND11_USE_CROSSCOMPILING ON)
find_package(Python REQUIRED COMPONENTS Development.Module)
