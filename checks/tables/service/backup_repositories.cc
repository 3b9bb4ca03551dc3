// One row a declared backup: where it lies, how it is encrypted, who can read and remove it, and
// what the last check of it said.
#include <algorithm>
#include <set>

#include "checks/engine/table.h"
#include "checks/parse/backup_check_output.h"
#include "checks/tables/backup_kinds.h"
#include "checks/tables/backup_place.h"
#include "checks/tables/backup_s3.h"
#include "checks/tables/backup_store.h"
#include "checks/tables/borg_repository.h"
#include "checks/tables/env_glob.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxCheckOutput = 4 << 20;
constexpr size_t kMaxFolders = 200;

struct Encryption {
  std::optional<bool> encrypted;
  std::string how;
};

struct CheckRecord {
  BackupCheckOutput output;
  std::optional<UnixSeconds> time;
  std::string problem;
};

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

// What is there before the first name with a glob character.
std::string FixedFolder(const std::string& pattern) {
  return FolderOf(pattern.substr(0, pattern.find_first_of("*?[\\")));
}

// Copies in several folders are as badly kept as the worst of them.
void Worse(const BackupPlace& other, BackupPlace& place) {
  const auto worse = [](const std::optional<bool>& one, bool bad, std::optional<bool>& all) {
    if (all == bad || one == !bad) return false;
    all = one;
    return true;
  };
  if (worse(other.off_host, false, place.off_host)) {
    place.location_why = other.location_why;
    place.filesystem = other.filesystem;
  }
  if (worse(other.world_writable, true, place.world_writable)) place.place = other.place;
  if (worse(other.deletable, true, place.deletable)) place.deletable_why = other.deletable_why;
}

absl::StatusOr<BackupPlace> PlaceOfFiles(Env& env, BackupPlaces& places,
                                         const DeclaredBackup& backup) {
  const GlobResult found = ExpandGlob(env, backup.path);
  if (!found.problems.empty()) return absl::UnavailableError(ToAbsl(found.problems[0]));
  std::vector<std::string> files;
  for (const std::string& path : found.paths) {
    const auto info = env.Lstat(path);
    if (info.ok() && info->kind == FileKind::kRegular) files.push_back(path);
  }
  BackupPlace place =
      places.Look(files.empty() ? FixedFolder(backup.path) : FolderOf(files.back()), files);
  std::set<std::string> folders;
  for (const std::string& file : files) folders.insert(FolderOf(file));
  folders.erase(place.place);
  size_t looked = 0;
  for (const std::string& folder : folders) {
    if (++looked > kMaxFolders) {
      if (place.world_writable == false) place.world_writable.reset();
      if (place.off_host == true) place.off_host.reset();
      break;
    }
    Worse(places.Look(folder, {}), place);
  }
  return place;
}

absl::StatusOr<BackupPlace> PlaceOfStore(Env& env, BackupPlaces& places,
                                         const DeclaredBackup& backup) {
  TOM_RETURN_IF_ERROR(CheckStorePath(backup.repository, "repository"));
  TOM_ASSIGN_OR_RETURN(const std::vector<StoredFile> stored, WalkStore(env, backup.repository));
  std::vector<std::string> files;
  files.reserve(stored.size());
  for (const StoredFile& file : stored) {
    if ((file.mode & 0006) != 0) files.push_back(file.path);
  }
  // The others may be read by nobody else wherever they lie; one stands for them.
  if (files.empty() && !stored.empty()) files.push_back(stored[0].path);
  return places.Look(backup.repository, files);
}

absl::StatusOr<BackupPlace> PlaceOf(Env& env, BackupPlaces& places, const DeclaredBackup& backup,
                                    const Declared& declared) {
  if (backup.kind == "files") return PlaceOfFiles(env, places, backup);
  if (backup.kind == "restic" || backup.kind == "borg") return PlaceOfStore(env, places, backup);
  if (backup.kind == "s3") return PlaceOfS3(env, backup, declared);
  const std::string& path = backup.path.empty() ? backup.repository : backup.path;
  if (backup.kind != "zfs" && !path.empty()) {
    TOM_RETURN_IF_ERROR(CheckStorePath(path, "repository"));
    return places.LookAtFolder(path);
  }
  BackupPlace place;
  place.place = backup.kind == "zfs" ? backup.repository : backup.info_file;
  place.location_why = "only what its program told is at hand, not where it lies";
  if (backup.kind == "zfs") {
    place.off_host = false;
    place.location_why = "snapshots lie in the pool that they were taken of";
    place.deletable = true;
    place.deletable_why = "this host's root can destroy snapshots";
    place.readable_why = "whoever may read the live data may read them in its snapshots";
    return place;
  }
  place.deletable_why = place.readable_why = place.location_why;
  return place;
}

absl::StatusOr<Encryption> BorgEncryptionOf(Env& env, const DeclaredBackup& backup) {
  TOM_ASSIGN_OR_RETURN(const BorgRepository repository,
                       BorgRepository::Open(env, backup.repository));
  TOM_ASSIGN_OR_RETURN(const std::string manifest, repository.Read(Digest()));
  const char* mac = BorgTypeUsesBlake2(manifest) ? "BLAKE2b-256" : "HMAC-SHA-256";
  switch (EncryptionOfBorgObject(manifest)) {
    case BorgEncryption::kNone:
      return Encryption{false, "none"};
    case BorgEncryption::kAuthenticated:
      return Encryption{false, std::string("authenticated with ") + mac + ", not encrypted"};
    case BorgEncryption::kAes:
      // Whether its passphrase is empty is seen where the key is opened, in backup_snapshots.
      return Encryption{std::nullopt, std::string("AES-256-CTR with ") + mac};
    default:
      return Encryption{std::nullopt, ""};
  }
}

absl::StatusOr<Encryption> EncryptionOf(Env& env, const DeclaredBackup& backup) {
  if (backup.kind == "restic") return Encryption{true, "AES-256-CTR with Poly1305-AES"};
  if (backup.kind == "borg") return BorgEncryptionOf(env, backup);
  return Encryption{};
}

CheckRecord CheckRecordOf(Env& env, const DeclaredBackup& backup) {
  CheckRecord record;
  if (backup.check_file.empty()) return record;
  const auto info = env.Stat(backup.check_file);
  const auto text = env.ReadFile(backup.check_file, kMaxCheckOutput);
  if (!info.ok() || !text.ok()) {
    record.problem = std::string((info.ok() ? text.status() : info.status()).message());
    return record;
  }
  record.output = ParseBackupCheckOutput(backup.kind, *text);
  record.time = info->modified;
  if (!record.output.passed) {
    record.problem = backup.check_file + ": it is not understood as what one check printed";
  }
  return record;
}

Value CheckResult(const CheckRecord& record) {
  if (!record.output.passed) return {};
  return std::string(*record.output.passed ? "passed" : "failed");
}

Value Location(const std::optional<bool>& off_host) {
  if (!off_host) return {};
  return std::string(*off_host ? "remote" : "local");
}

absl::Status GenerateRepositories(Env& env, const TableContext& context, RowSink& sink) {
  if (context.declared.backups.empty()) return absl::OkStatus();
  BackupPlaces places(env);
  for (const DeclaredBackup& backup : context.declared.backups) {
    const auto place = PlaceOf(env, places, backup, context.declared);
    const auto encryption = EncryptionOf(env, backup);
    const BackupPlace where = place.ok() ? *place : BackupPlace{};
    const Encryption how = encryption.ok() ? *encryption : Encryption{};
    const CheckRecord record = CheckRecordOf(env, backup);
    const absl::Status& problem = place.ok() ? encryption.status() : place.status();
    const bool more =
        sink.Add({{"name", backup.name},
                  {"kind", backup.kind},
                  {"place", TextOrNull(where.place)},
                  {"location", Location(where.off_host)},
                  {"filesystem", TextOrNull(where.filesystem)},
                  {"location_reason", TextOrNull(where.location_why)},
                  {"encrypted", NumberOrNull(how.encrypted)},
                  {"encryption", TextOrNull(how.how)},
                  {"world_readable", NumberOrNull(where.world_readable)},
                  {"world_writable", NumberOrNull(where.world_writable)},
                  {"readable_reason", TextOrNull(where.readable_why)},
                  {"deletable", NumberOrNull(where.deletable)},
                  {"deletable_reason", TextOrNull(where.deletable_why)},
                  {"check_time", record.time ? Value(*record.time) : Value()},
                  {"check_result", CheckResult(record)},
                  {"check_scope", TextOrNull(record.output.scope)},
                  {"check_error", TextOrNull(record.problem)},
                  {"error", problem.ok() ? Value() : Value(std::string(problem.message()))}});
    if (!more) break;
  }
  return absl::OkStatus();
}

std::vector<Touch> TouchesOf(Env&, const Declared& declared) {
  std::vector<Touch> touches;
  for (const DeclaredBackup& backup : declared.backups) {
    const std::string purpose = "backup " + backup.name;
    Append(touches,
           FileTouches({"/proc/1/mountinfo", "/proc/self/mountinfo", "/etc/hostname", "/etc/hosts"},
                       purpose));
    touches.push_back({TouchKind::kSocket, "netlink:route", "whether a server is this host"});
    if (backup.kind == "files") {
      Append(touches, GlobTouches(backup.path, purpose));
      Append(touches, PathTouches(FixedFolder(backup.path), purpose));
    } else if (backup.kind == "s3") {
      Append(touches, S3Touches(backup));
    } else {
      for (const std::string& path : {backup.path, backup.repository}) {
        if (!path.empty() && path[0] == '/') Append(touches, TreeTouches(path, purpose));
      }
    }
    if (!backup.check_file.empty()) Append(touches, PathTouches(backup.check_file, purpose));
  }
  return touches;
}

Column Number(const char* name, const char* description) {
  return {.name = name, .type = ColumnType::kBigint, .description = description};
}

}  // namespace

Table backup_repositories_table() {
  return {
      .name = "backup_repositories",
      .description =
          "Declared backups: where each lies, who can read and remove it there, and what "
          "its last check said",
      .columns =
          {{.name = "name", .description = "Name in the configuration"},
           {.name = "kind", .description = "files, restic, …"},
           {.name = "place", .description = "Folder, dataset or URL"},
           {.name = "location",
            .description =
                "local: on this host's disks; remote: on another machine; NULL: not known"},
           {.name = "filesystem", .description = "Type of the file system that it lies on"},
           {.name = "location_reason", .description = "What location was told by"},
           Number("encrypted", "1: not readable without a key, 0: readable, NULL: not known here"),
           {.name = "encryption", .description = "How, by the repository's own words"},
           Number("world_readable", "1: everybody on this host can read or write one of its files"),
           Number("world_writable", "1: everybody on this host can add and remove copies"),
           {.name = "readable_reason", .description = "What world_readable was told by"},
           Number("deletable", "1: this host's own credential can remove the copies; 0: it cannot"),
           {.name = "deletable_reason", .description = "Who can, or why that is not known"},
           Number("check_time", "When the declared check_file was written, seconds since 1970"),
           {.name = "check_result", .description = "passed, failed; NULL: none is known"},
           {.name = "check_scope",
            .description = "What that check looked at: structure, subset, data"},
           {.name = "check_error", .description = "Why the declared check_file tells nothing"},
           {.name = "error", .description = "Why it could not be examined"}},
      .generate = GenerateRepositories,
      .touches = TouchesOf};
}

}  // namespace tom
