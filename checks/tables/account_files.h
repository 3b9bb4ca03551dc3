// The files of local accounts, and what says that they are not all there is.
#ifndef TOM_CHECKS_TABLES_ACCOUNT_FILES_H_
#define TOM_CHECKS_TABLES_ACCOUNT_FILES_H_

#include <string>

#include "absl/status/statusor.h"
#include "checks/engine/table.h"
#include "checks/parse/account_lines.h"

namespace tom {

inline constexpr char kPasswdPath[] = "/etc/passwd";
inline constexpr char kGroupPath[] = "/etc/group";
inline constexpr char kShadowPath[] = "/etc/shadow";

// Whole files; every line that could not be read is said to the sink. The error is Env's.
absl::StatusOr<PasswdFile> ReadPasswd(Env& env, RowSink& sink);
absl::StatusOr<GroupFile> ReadGroup(Env& env, RowSink& sink);
absl::StatusOr<ShadowRecords> ReadShadow(Env& env, RowSink& sink);

// Tells the sink where nsswitch.conf names further sources of `database` ("passwd", "group",
// "shadow"): asking a directory would be a connection.
void SayOtherSources(Env& env, RowSink& sink, const std::string& database);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_ACCOUNT_FILES_H_
