// Backups of kinds pgbackrest and barman: their catalogues, as files. Their own programs would take
// locks and write logs, as another user.
#include <algorithm>

#include "checks/parse/backup_catalogues.h"
#include "checks/tables/backup_kinds.h"
#include "checks/tables/backup_store.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxCatalogueBytes = 8 << 20;
constexpr size_t kMaxInfoBytes = 1 << 20;
constexpr size_t kSegmentFolder = 16;  // digits of a log's name that name its folder
constexpr char kNotRead[] =
    "its files are not read through: its own program's verification does that";

BackupContent Content(std::vector<CatalogueBackup> backups, const char* format) {
  std::stable_sort(
      backups.begin(), backups.end(),
      [](const CatalogueBackup& a, const CatalogueBackup& b) { return a.time > b.time; });
  BackupContent content;
  content.found = static_cast<int64_t>(backups.size());
  for (const CatalogueBackup& backup : backups) {
    if (content.snapshots.size() == kMaxListedSnapshots) break;
    BackupSnapshot one;
    one.id = backup.label;
    one.time = backup.time;
    one.size_bytes = backup.size_bytes;
    one.encrypted = backup.encrypted;
    one.format = format;
    one.doubt = backup.waits.empty() ? kNotRead : backup.waits;
    if (backup.faulty) {
      one.complete = false;
      one.doubt = "its program found wrong checksums while it made it";
    }
    content.snapshots.push_back(std::move(one));
  }
  return content;
}

void Miss(BackupContent& content, const std::string& what) {
  if (content.snapshots.empty()) return;
  content.snapshots[0].complete = false;
  content.snapshots[0].doubt = what + " is missing";
}

const CatalogueBackup* Newest(const std::vector<CatalogueBackup>& backups) {
  const auto newest = std::max_element(
      backups.begin(), backups.end(),
      [](const CatalogueBackup& a, const CatalogueBackup& b) { return a.time < b.time; });
  return newest == backups.end() ? nullptr : &*newest;
}

absl::Status CheckStanza(const std::string& stanza) {
  const bool plain = !stanza.empty() && stanza[0] != '.' && stanza.find('/') == std::string::npos &&
                     stanza.find('\0') == std::string::npos;
  return plain ? absl::OkStatus() : BadData("stanza: no plain name");
}

// The folder of logs whose name ends with the history's id: "15-1".
absl::StatusOr<std::string> WalFolder(Env& env, const std::string& archive, const std::string& id) {
  TOM_ASSIGN_OR_RETURN(const std::vector<std::string> names, env.ListDirectory(archive));
  for (const std::string& name : names) {
    if (name.ends_with("-" + id)) return archive + "/" + name;
  }
  return absl::NotFoundError(ToAbsl(archive + ": no folder of logs"));
}

absl::StatusOr<bool> HasWal(Env& env, const std::string& folder, const std::string& wal) {
  const auto names = env.ListDirectory(folder + "/" + wal.substr(0, kSegmentFolder));
  if (absl::IsNotFound(names.status())) return false;
  if (!names.ok()) return names.status();
  return std::any_of(names->begin(), names->end(),
                     [&](const std::string& name) { return name.starts_with(wal); });
}

absl::Status LookForWals(Env& env, const std::string& folder, const CatalogueBackup& newest,
                         BackupContent& content) {
  for (const std::string& wal : {newest.first_wal, newest.last_wal}) {
    if (wal.empty()) continue;
    TOM_ASSIGN_OR_RETURN(const bool there, HasWal(env, folder, wal));
    if (!there) Miss(content, "the log " + wal);
  }
  return absl::OkStatus();
}

absl::Status LookAtPgBackRest(Env& env, const DeclaredBackup& backup, const CatalogueBackup& newest,
                              BackupContent& content) {
  const std::string archive = backup.repository + "/archive/" + backup.stanza;
  const auto folder = WalFolder(env, archive, newest.wal_folder);
  if (absl::IsNotFound(folder.status())) {
    Miss(content, "the archive of logs");
  } else if (!folder.ok()) {
    return folder.status();
  } else {
    TOM_RETURN_IF_ERROR(LookForWals(env, *folder, newest, content));
  }
  const std::string manifest =
      backup.repository + "/backup/" + backup.stanza + "/" + newest.label + "/backup.manifest";
  const auto info = env.Lstat(manifest);
  if (absl::IsNotFound(info.status())) Miss(content, manifest);
  return info.ok() || absl::IsNotFound(info.status()) ? absl::OkStatus() : info.status();
}

absl::StatusOr<std::vector<CatalogueBackup>> BarmanCatalogue(Env& env, const std::string& base) {
  std::vector<CatalogueBackup> backups;
  const auto ids = env.ListDirectory(base);
  if (!ids.ok()) return ids.status();
  for (const std::string& id : *ids) {
    const std::string path = base + "/" + id + "/backup.info";
    const auto text = env.ReadFile(path, kMaxInfoBytes);
    if (absl::IsNotFound(text.status())) continue;
    if (!text.ok()) return text.status();
    auto parsed = ParseBarmanBackupInfo(*text);
    if (!parsed.ok()) return Annotate(parsed.status(), path);
    if (!*parsed) continue;
    (*parsed)->label = id;
    backups.push_back(*std::move(*parsed));
  }
  return backups;
}

absl::Status LookAtBarman(Env& env, const std::string& top, const CatalogueBackup& newest,
                          BackupContent& content) {
  const std::string data = top + "/base/" + newest.label + "/data";
  const auto names = env.ListDirectory(data);
  if (!names.ok() && !absl::IsNotFound(names.status())) return names.status();
  const bool filled = names.ok() && std::any_of(names->begin(), names->end(), [](const auto& name) {
                        return name == "PG_VERSION" || name.starts_with("base.tar");
                      });
  if (!filled) Miss(content, data + "/PG_VERSION");
  return newest.waits.empty() ? LookForWals(env, top + "/wals", newest, content) : absl::OkStatus();
}

}  // namespace

absl::StatusOr<BackupContent> ExaminePgBackRest(Env& env, const DeclaredBackup& backup) {
  TOM_RETURN_IF_ERROR(CheckStanza(backup.stanza));
  if (!backup.info_file.empty()) {
    TOM_ASSIGN_OR_RETURN(const std::string text,
                         env.ReadFile(backup.info_file, kMaxCatalogueBytes));
    auto backups = ParsePgBackRestJson(text, backup.stanza);
    if (!backups.ok()) return Annotate(backups.status(), backup.info_file);
    return Content(*std::move(backups), "pgbackrest");
  }
  TOM_RETURN_IF_ERROR(CheckStorePath(backup.repository, "repository"));
  const std::string path = backup.repository + "/backup/" + backup.stanza + "/backup.info";
  TOM_ASSIGN_OR_RETURN(const std::string text, env.ReadFile(path, kMaxCatalogueBytes));
  if (text.starts_with("Salted__")) {
    return absl::UnimplementedError(
        ToAbsl(path + " is encrypted: let pgbackrest info --output=json write an info_file"));
  }
  auto backups = ParsePgBackRestCatalogue(text);
  if (!backups.ok()) return Annotate(backups.status(), path);
  BackupContent content = Content(*backups, "pgbackrest");
  const CatalogueBackup* newest = Newest(*backups);
  if (newest != nullptr) TOM_RETURN_IF_ERROR(LookAtPgBackRest(env, backup, *newest, content));
  return content;
}

absl::StatusOr<BackupContent> ExamineBarman(Env& env, const DeclaredBackup& backup) {
  TOM_RETURN_IF_ERROR(CheckStanza(backup.stanza));
  if (!backup.info_file.empty()) {
    TOM_ASSIGN_OR_RETURN(const std::string text,
                         env.ReadFile(backup.info_file, kMaxCatalogueBytes));
    auto backups = ParseBarmanJson(text, backup.stanza);
    if (!backups.ok()) return Annotate(backups.status(), backup.info_file);
    return Content(*std::move(backups), "barman");
  }
  TOM_RETURN_IF_ERROR(CheckStorePath(backup.repository, "repository"));
  const std::string top = backup.repository + "/" + backup.stanza;
  TOM_ASSIGN_OR_RETURN(std::vector<CatalogueBackup> backups, BarmanCatalogue(env, top + "/base"));
  BackupContent content = Content(backups, "barman");
  const CatalogueBackup* newest = Newest(backups);
  if (newest != nullptr) TOM_RETURN_IF_ERROR(LookAtBarman(env, top, *newest, content));
  return content;
}

std::vector<Touch> CatalogueTouches(const DeclaredBackup& backup) {
  const std::string purpose = "backup " + backup.name;
  if (!backup.info_file.empty()) return PathTouches(backup.info_file, purpose);
  return backup.repository.empty() ? std::vector<Touch>() : TreeTouches(backup.repository, purpose);
}

}  // namespace tom
