// What every fuzz target starts with: its input as text, and a condition that must hold whatever
// the input.
#ifndef TOM_TESTS_FUZZ_FUZZ_H_
#define TOM_TESTS_FUZZ_FUZZ_H_

#include <cstdio>
#include <cstdlib>
#include <string_view>

// libFuzzer reports an abort together with the input that led to it.
#define TOM_FUZZ_CHECK(condition)                                                         \
  do {                                                                                    \
    if (!(condition)) {                                                                   \
      std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                       \
    }                                                                                     \
  } while (false)

namespace tom {

// The target's one function: reads `input`, and checks what must hold of the outcome.
void Fuzz(std::string_view input);

}  // namespace tom

#endif  // TOM_TESTS_FUZZ_FUZZ_H_
