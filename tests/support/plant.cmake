# Bugs planted in copies of sources: none is ever in a source that ships.

# lanecrypt_plant(NAME SOURCE OLD NEW): a copy of a source in which one text is replaced by another, a bug that the tests of
# that name must find. planted_NAME is the copy, original_NAME the source. Made anew with its source.
function(lanecrypt_plant name source old new)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${source})
  file(READ ${PROJECT_SOURCE_DIR}/${source} text)
  string(REPLACE "${old}" "${new}" changed "${text}")
  if(changed STREQUAL text)
    message(FATAL_ERROR "${source} has no '${old}' to plant a bug in")
  endif()
  set(planted ${CMAKE_CURRENT_BINARY_DIR}/planted/${name}/${source})
  file(CONFIGURE OUTPUT ${planted} CONTENT "${changed}" @ONLY)
  cmake_path(GET source PARENT_PATH folder)
  set_source_files_properties(${planted} PROPERTIES INCLUDE_DIRECTORIES ${PROJECT_SOURCE_DIR}/${folder})
  set(planted_${name} ${planted} PARENT_SCOPE)
  set(original_${name} ${PROJECT_SOURCE_DIR}/${source} PARENT_SCOPE)
endfunction()

# lanecrypt_planted_module(NAME SOURCE OLD NEW LIBRARY...): the Python module of that name once more, as NAME_planted, with
# a bug in one of its sources. Where it is put is the caller's to say.
function(lanecrypt_planted_module name source old new)
  lanecrypt_plant(${name} ${source} "${old}" "${new}")
  cmake_path(GET source STEM stem)
  set(objects "$<FILTER:$<TARGET_OBJECTS:${name}>,EXCLUDE,${stem}[.]cpp>")
  add_library(${name}_planted MODULE ${planted_${name}} ${objects})
  target_link_libraries(${name}_planted PRIVATE ${ARGN} lanecrypt_flags)
  # pybind11's own targets are known in python/ alone.
  target_include_directories(${name}_planted SYSTEM PRIVATE $<TARGET_PROPERTY:${name},INCLUDE_DIRECTORIES>)
  get_target_property(suffix ${name} SUFFIX)
  set_target_properties(${name}_planted PROPERTIES PREFIX "" OUTPUT_NAME ${name} SUFFIX ${suffix})
  add_dependencies(${name}_planted ${name})
endfunction()
