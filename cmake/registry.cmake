# A registry generated from file names: self-registering statics vanish from a static library, and hand-kept lists rot.

# A command or table named like a test, or like a program's main unit, would silently not be there.
function(tom_refuse_misnamed)
  foreach(file IN LISTS ARGN)
    if(file MATCHES "_main\\.cc$")
      message(FATAL_ERROR "${file}: *_main.cc is left out of libraries, so nothing would register it: rename it")
    elseif(file MATCHES "_test\\.cc$")
      file(STRINGS ${file} test REGEX "^(TYPED_)?TEST(_F|_P)?\\(" LIMIT_COUNT 1)
      if(NOT test)
        message(FATAL_ERROR "${file}: no TEST in it, and *_test.cc is left out of the library: rename it")
      endif()
    endif()
  endforeach()
endfunction()

# tom_registry(OUT HEADER TYPE SUFFIX FUNCTION FOLDERS dir...)
#   writes OUT: one declaration `TYPE <stem>SUFFIX();` a file, and `std::vector<TYPE> FUNCTION()` that calls them all.
#   A file whose function has another name is a link error; one that its name takes out of the library is refused.
function(tom_registry out)
  cmake_parse_arguments(ARG "" "HEADER;TYPE;SUFFIX;FUNCTION" "FOLDERS" ${ARGN})
  set(declarations "")
  set(calls "")
  foreach(folder IN LISTS ARG_FOLDERS)
    cmake_path(ABSOLUTE_PATH folder)
    file(GLOB found CONFIGURE_DEPENDS ${folder}/*.cc)
    tom_refuse_misnamed(${found})
    list(FILTER found EXCLUDE REGEX "_test\\.cc$")
    list(SORT found)
    foreach(file IN LISTS found)
      get_filename_component(stem ${file} NAME_WE)
      string(APPEND declarations "${ARG_TYPE} ${stem}${ARG_SUFFIX}();\n")
      string(APPEND calls "  all.push_back(${stem}${ARG_SUFFIX}());\n")
    endforeach()
  endforeach()
  file(CONFIGURE OUTPUT ${out} @ONLY CONTENT
"// Generated from file names by cmake/registry.cmake.
#include \"${ARG_HEADER}\"

namespace tom {
${declarations}
std::vector<${ARG_TYPE}> ${ARG_FUNCTION}() {
  std::vector<${ARG_TYPE}> all;
${calls}  return all;
}
}  // namespace tom
")
endfunction()
