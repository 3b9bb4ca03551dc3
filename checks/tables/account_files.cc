#include "checks/tables/account_files.h"

#include "checks/parse/nsswitch.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// Where nss-systemd finds accounts that are no running service's (nss-systemd(8),
// systemd-homed(8)).
constexpr const char* kUserRecords[] = {"/etc/userdb", "/run/userdb", "/run/host/userdb",
                                        "/usr/lib/userdb", "/var/lib/systemd/home"};

void SayUserRecords(Env& env, RowSink& sink) {
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

template <typename File>
absl::StatusOr<File> Read(Env& env, RowSink& sink, const std::string& path,
                          File (*parse)(std::string_view)) {
  TOM_ASSIGN_OR_RETURN(const std::string text, env.ReadFile(path));
  File file = parse(text);
  for (const std::string& problem : file.problems) {
    sink.Incomplete(std::string(path).append(" ").append(problem));
  }
  return file;
}

}  // namespace

absl::StatusOr<PasswdFile> ReadPasswd(Env& env, RowSink& sink) {
  return Read(env, sink, kPasswdPath, ParsePasswd);
}
absl::StatusOr<GroupFile> ReadGroup(Env& env, RowSink& sink) {
  return Read(env, sink, kGroupPath, ParseGroup);
}
absl::StatusOr<ShadowRecords> ReadShadow(Env& env, RowSink& sink) {
  return Read(env, sink, kShadowPath, ParseShadowRecords);
}

void SayOtherSources(Env& env, RowSink& sink, const std::string& database) {
  const auto text = env.ReadFile("/etc/nsswitch.conf", 1 << 20);
  if (absl::IsNotFound(text.status())) return;  // glibc's default is files alone
  if (!text.ok()) return sink.Incomplete(std::string(text.status().message()));
  for (const std::string& service : NameServices(*text, database)) {
    if (service == "systemd") {
      SayUserRecords(env, sink);
    } else if (service != "files" && service != "compat") {
      const char* what = database == "group" ? "groups" : "accounts";
      sink.Incomplete(std::string(what).append(" also come from ").append(service, 0, 40) +
                      ", which is not read");
    }
  }
}

}  // namespace tom
