# Language level, warnings, sanitizers and the compiler cache: the same for every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

add_library(tom_settings INTERFACE)
target_include_directories(tom_settings INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(tom_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Werror
  -fstack-protector-strong -fno-omit-frame-pointer)
# g++ 12 sees uninitialised members in std::variant and absl::StatusOr that are moved at -O2 (GCC PR 105562 and kin).
target_compile_options(tom_settings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
target_compile_definitions(tom_settings INTERFACE
  TOM_VERSION="${PROJECT_VERSION}" $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
target_link_options(tom_settings INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,--as-needed)

if(TOM_SANITIZE)
  add_compile_options(-fsanitize=${TOM_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TOM_SANITIZE})
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()
