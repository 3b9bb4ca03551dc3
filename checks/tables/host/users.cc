// Local accounts, from /etc/passwd alone: asking a directory would be a connection. Where
// nsswitch.conf names further sources of accounts, the scan says that they were not read.
#include "checks/engine/table.h"
#include "checks/tables/account_files.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

absl::Status GenerateUsers(Env& env, const TableContext&, RowSink& sink) {
  TOM_ASSIGN_OR_RETURN(const PasswdFile file, ReadPasswd(env, sink));
  SayOtherSources(env, sink, "passwd");
  for (const PasswdEntry& entry : file.entries) {
    const bool more = sink.Add({{"uid", entry.uid},
                                {"gid", entry.gid},
                                {"username", entry.name},
                                {"description", entry.description},
                                {"directory", entry.directory},
                                {"shell", entry.shell},
                                {"source", kPasswdPath}});
    if (!more) break;
  }
  return absl::OkStatus();
}

}  // namespace

Table users_table() {
  return {
      .name = "users",
      .description = "Local user accounts",
      .columns =
          {{.name = "uid", .type = ColumnType::kBigint, .description = "User id"},
           {.name = "gid", .type = ColumnType::kBigint, .description = "Primary group id"},
           {.name = "username", .description = "Login name", .personal = "user"},
           {.name = "description", .description = "GECOS text", .personal = "user_description"},
           {.name = "directory", .description = "Home directory", .personal = "user_directory"},
           {.name = "shell", .description = "Login shell"},
           {.name = "source", .description = "File that the account stands in", .hidden = true}},
      .generate = GenerateUsers,
      .touches = [](Env&, const Declared&) { return AccountTouches(); }};
}

}  // namespace tom
