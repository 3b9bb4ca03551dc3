// st_mode -> FileKind.
#ifndef TOM_CHECKS_ENV_FILE_KIND_H_
#define TOM_CHECKS_ENV_FILE_KIND_H_

#include <sys/stat.h>

#include "checks/env/env.h"

namespace tom {

FileKind KindOfMode(mode_t mode);

}  // namespace tom

#endif  // TOM_CHECKS_ENV_FILE_KIND_H_
