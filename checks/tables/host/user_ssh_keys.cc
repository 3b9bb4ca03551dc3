// Private SSH keys in the accounts' ~/.ssh, and whether a passphrase guards them.
#include "checks/engine/table.h"
#include "checks/parse/ssh_private_key.h"
#include "checks/tables/account_files.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxKeyBytes = 64 << 10;
constexpr size_t kMaxFiles = 1000;  // of one folder

absl::Status AddKeys(Env& env, const PasswdEntry& entry, RowSink& sink) {
  const std::string folder = BelowHome(entry.directory, ".ssh");
  const auto names = env.ListDirectory(folder);
  if (absl::IsNotFound(names.status())) return absl::OkStatus();
  if (!names.ok()) return names.status();
  if (names->size() > kMaxFiles) sink.Incomplete(folder + " holds more files than are read");
  for (size_t i = 0; i < names->size() && i < kMaxFiles; ++i) {
    const std::string path = folder + "/" + (*names)[i];
    const auto info = env.Stat(path);
    if (absl::IsNotFound(info.status())) continue;  // a link that leads nowhere
    if (!info.ok()) {
      sink.Incomplete(std::string(info.status().message()));
      continue;
    }
    if (info->kind != FileKind::kRegular) continue;
    const auto text = env.ReadRange(path, 0, kMaxKeyBytes);
    if (!text.ok()) {
      sink.Incomplete(std::string(text.status().message()));
      continue;
    }
    const auto key = ParseSshPrivateKey(*text);
    if (!key) continue;
    sink.Add({{"uid", entry.uid},
              {"username", entry.name},
              {"path", path},
              {"encrypted", key->encrypted ? Value(int64_t{*key->encrypted}) : Value()},
              {"key_type", key->type.empty() ? Value() : Value(key->type)},
              {"file_uid", int64_t{info->uid}},
              {"file_mode", int64_t{info->mode}}});
  }
  return absl::OkStatus();
}

absl::Status GenerateKeys(Env& env, const TableContext&, RowSink& sink) {
  TOM_ASSIGN_OR_RETURN(const PasswdFile accounts, ReadPasswd(env, sink));
  SayOtherSources(env, sink, "passwd");
  for (const PasswdEntry& entry : accounts.entries) {
    if (entry.directory.empty() || entry.directory[0] != '/') continue;
    const absl::Status status = AddKeys(env, entry, sink);
    if (!status.ok()) sink.Incomplete(std::string(status.message()));
  }
  return absl::OkStatus();
}

}  // namespace

Table user_ssh_keys_table() {
  return {
      .name = "user_ssh_keys",
      .description = "Private SSH keys of local accounts",
      .columns =
          {{.name = "uid", .type = ColumnType::kBigint, .description = "Account whose home it is"},
           {.name = "username", .description = "Its name", .personal = "user"},
           {.name = "path", .description = "File", .personal = "user_path"},
           {.name = "encrypted",
            .type = ColumnType::kInteger,
            .description = "1: a passphrase guards it; NULL: not known"},
           {.name = "key_type", .description = "ssh-ed25519, rsa …; NULL: not shown by the file"},
           {.name = "file_uid", .type = ColumnType::kBigint, .description = "Owner of the file"},
           {.name = "file_mode",
            .type = ColumnType::kInteger,
            .description = "Permission bits of the file"}},
      .generate = GenerateKeys,
      .touches = [](Env& env, const Declared&) {
        std::vector<Touch> touches = AccountTouches();
        const auto passwd = env.ReadFile("/etc/passwd");
        if (!passwd.ok()) return touches;
        for (const PasswdEntry& entry : ParsePasswd(*passwd).entries) {
          touches.push_back(
              {TouchKind::kFile, BelowHome(entry.directory, ".ssh"), "private SSH keys"});
          touches.push_back(
              {TouchKind::kFile, BelowHome(entry.directory, ".ssh/*"), "private SSH keys"});
        }
        return touches;
      }};
}

}  // namespace tom
