// Functions of libraries that are loaded at run time.
#ifndef TOM_CHECKS_ENV_SHARED_FUNCTION_H_
#define TOM_CHECKS_ENV_SHARED_FUNCTION_H_

#include <dlfcn.h>

namespace tom {

// False, and `function` null, where the library (dlopen(3)) has none of that name.
template <typename Function>
bool FindFunction(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

}  // namespace tom

#endif  // TOM_CHECKS_ENV_SHARED_FUNCTION_H_
