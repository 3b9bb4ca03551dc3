// Local accounts, from /etc/passwd alone: asking a directory would be a connection. Where
// nsswitch.conf names further sources of accounts, the scan says that they were not read.
#include <algorithm>

#include "checks/engine/table.h"
#include "checks/parse/account_lines.h"
#include "checks/parse/nsswitch.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kPasswd[] = "/etc/passwd";

// Where nss-systemd finds accounts that are no running service's (nss-systemd(8),
// systemd-homed(8)).
constexpr const char* kUserRecords[] = {"/etc/userdb", "/run/userdb", "/run/host/userdb",
                                        "/usr/lib/userdb", "/var/lib/systemd/home"};

void CheckUserRecords(Env& env, RowSink& sink) {
  for (const char* directory : kUserRecords) {
    const auto names = env.ListDirectory(directory);
    if (absl::IsNotFound(names.status())) continue;
    if (!names.ok()) {
      sink.Incomplete(std::string(names.status().message()));
    } else if (!names->empty()) {
      sink.Incomplete(std::string("user records in ") + directory + " are not read");
    }
  }
}

void CheckOtherSources(Env& env, RowSink& sink) {
  const auto text = env.ReadFile("/etc/nsswitch.conf", 1 << 20);
  if (absl::IsNotFound(text.status())) return;  // glibc's default is files alone
  if (!text.ok()) return sink.Incomplete(std::string(text.status().message()));
  for (const std::string& service : NameServices(*text, "passwd")) {
    if (service == "systemd") {
      CheckUserRecords(env, sink);
    } else if (service != "files" && service != "compat") {
      sink.Incomplete("accounts also come from " + service.substr(0, 40) + ", which is not read");
    }
  }
}

absl::Status GenerateUsers(Env& env, const TableContext&, RowSink& sink) {
  TOM_ASSIGN_OR_RETURN(const std::string text, env.ReadFile(kPasswd));
  const PasswdFile file = ParsePasswd(text);
  for (const std::string& problem : file.problems) sink.Incomplete(kPasswd + (" " + problem));
  CheckOtherSources(env, sink);
  for (const PasswdEntry& entry : file.entries) {
    const bool more = sink.Add({{"uid", entry.uid},
                                {"gid", entry.gid},
                                {"username", entry.name},
                                {"description", entry.description},
                                {"directory", entry.directory},
                                {"shell", entry.shell},
                                {"source", kPasswd}});
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
      .generate = GenerateUsers};
}

}  // namespace tom
