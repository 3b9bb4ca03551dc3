// Keys that let accounts in over SSH without a password: the files that AuthorizedKeysFile names
// for each local account.
#include <map>
#include <set>

#include "checks/engine/table.h"
#include "checks/tables/pam_subjects.h"
#include "checks/tables/pam_touches.h"
#include "checks/tables/ssh_key_files.h"
#include "checks/tables/sshd_view.h"
#include "checks/tables/touch_lists.h"

namespace tom {
namespace {

// What the accounts' settings name; one account may have several by its connections.
std::map<std::string, std::set<std::string>> SettingsByUser(Env& env, RowSink& sink) {
  std::map<std::string, std::set<std::string>> by_user;
  const SshdView view = ViewSshd(env);
  for (const std::string& reason : view.incomplete) sink.Incomplete(reason);
  for (const SshdContext& context : view.contexts) {
    const auto found = context.settings.find("authorizedkeysfile");
    if (found != context.settings.end()) by_user[context.account.name].insert(found->second.value);
  }
  return by_user;
}

bool AddKey(const PamSubject& subject, const SshKeyFile& file, const AuthorizedKey& key,
            RowSink& sink) {
  return sink.Add({{"uid", subject.uid},
                   {"username", subject.user},
                   {"algorithm", key.algorithm},
                   {"key", key.key},
                   {"options", key.options},
                   {"comment", key.comment},
                   {"key_file", file.path},
                   {"line", int64_t{key.line}},
                   {"verify_required", int64_t{key.verify_required}},
                   {"restricted", int64_t{key.restricted}},
                   {"cert_authority", int64_t{key.authority}},
                   {"file_uid", int64_t{file.info.uid}},
                   {"file_mode", int64_t{file.info.mode}}});
}

absl::Status GenerateKeys(Env& env, const TableContext&, RowSink& sink) {
  const auto settings = SettingsByUser(env, sink);
  const PamSubjects subjects(env);
  for (const PasswdEntry& entry : subjects.entries()) {
    const PamSubject subject = subjects.Of(entry.name);
    const auto own = settings.find(entry.name);
    const std::set<std::string> patterns =
        own != settings.end() ? own->second : std::set<std::string>{""};
    std::set<std::string> seen;
    for (const std::string& pattern : patterns) {
      const SshKeyFiles files = ReadSshKeyFiles(env, subject, pattern);
      for (const std::string& problem : files.problems) sink.Incomplete(problem);
      for (const SshKeyFile& file : files.files) {
        if (!seen.insert(file.path).second) continue;
        for (const std::string& problem : file.keys.problems)
          sink.Incomplete(file.path + ": " + problem);
        for (const AuthorizedKey& key : file.keys.keys) {
          if (!AddKey(subject, file, key, sink)) return absl::OkStatus();
        }
      }
    }
  }
  return absl::OkStatus();
}

Column Number(const char* name, const char* description) {
  return {.name = name, .type = ColumnType::kInteger, .description = description};
}

}  // namespace

Table authorized_keys_table() {
  return {
      .name = "authorized_keys",
      .description = "SSH keys that let local accounts in",
      .columns =
          {{.name = "uid", .type = ColumnType::kBigint, .description = "Account that they let in"},
           {.name = "username", .description = "Its name", .personal = "user"},
           {.name = "algorithm", .description = "Key type, such as ssh-ed25519"},
           {.name = "key", .description = "Public key, base64", .personal = "ssh_key"},
           {.name = "options", .description = "Options as they stand", .personal = "ssh_options"},
           {.name = "comment", .description = "Comment", .personal = "ssh_comment"},
           {.name = "key_file", .description = "File", .personal = "user_path"},
           Number("line", "Line in it"),
           Number("verify_required", "1: a token has to verify its holder"),
           Number("restricted", "1: restrict, or a forced command"),
           Number("cert_authority", "1: lets in who holds a certificate by this key"),
           {.name = "file_uid", .type = ColumnType::kBigint, .description = "Owner of the file"},
           Number("file_mode", "Permission bits of the file")},
      .generate = GenerateKeys,
      .touches = [](Env& env, const Declared&) {
        std::vector<Touch> touches = SshdTouches(env);
        Append(touches, SshKeyTouches(env));
        Append(touches, FileTouches({"/etc/shadow"}, "local accounts"));
        return touches;
      }};
}

}  // namespace tom
