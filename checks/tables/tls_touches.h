// What tls_endpoints touches (touch.h).
#ifndef TOM_CHECKS_TABLES_TLS_TOUCHES_H_
#define TOM_CHECKS_TABLES_TLS_TOUCHES_H_

#include <vector>

#include "checks/engine/declared.h"
#include "checks/engine/touch.h"
#include "checks/env/env.h"

namespace tom {

// The declared endpoints as they are declared, and the listeners that are there now, which are read
// out of /proc. Nothing is resolved.
std::vector<Touch> TlsTouches(Env& env, const Declared& declared);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_TLS_TOUCHES_H_
