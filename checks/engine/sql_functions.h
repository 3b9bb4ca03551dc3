// SQL functions of our own.
//
//   tls_rank(text)  SSLv2 2, SSLv3 3, TLSv1.0 10, TLSv1.1 11, TLSv1.2 12, TLSv1.3 13; NULL for
//   anything else
#ifndef TOM_CHECKS_ENGINE_SQL_FUNCTIONS_H_
#define TOM_CHECKS_ENGINE_SQL_FUNCTIONS_H_

#include <sqlite3.h>

namespace tom {

bool RegisterFunctions(sqlite3* database);

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_SQL_FUNCTIONS_H_
