// Backups of kind borg.
#include <algorithm>
#include <tuple>

#include "checks/parse/borg_format.h"
#include "checks/tables/backup_held.h"
#include "checks/tables/backup_kinds.h"
#include "checks/tables/backup_store.h"
#include "checks/tables/borg_repository.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr uint64_t kMaxItemBytes = 64 << 20;  // of the newest archive's list, inflated
constexpr size_t kMaxManifestBytes = 16 << 20;

// What the newest archive holds, as far as it is asked for.
struct ArchiveLook {
  std::vector<std::string> data_paths;  // of the declared ones, those that it holds
  bool read_whole = false;
  std::string missing;  // a file whose data are not there
};

// "NAME.checkpoint", "NAME.checkpoint.2".
bool IsCheckpoint(std::string_view name) {
  constexpr std::string_view kMark = ".checkpoint";
  const size_t at = name.rfind(kMark);
  if (at == std::string_view::npos) return false;
  const std::string_view rest = name.substr(at + kMark.size());
  return rest.empty() || (rest.size() > 1 && rest[0] == '.' &&
                          rest.find_first_not_of("0123456789", 1) == std::string_view::npos);
}

// Borg keeps paths without the slash in front, wherever they were relative to.
bool CameByRoot(const BorgArchive& archive, const std::string& path) {
  return std::any_of(archive.cmdline.begin(), archive.cmdline.end(), [&](const std::string& word) {
    return !word.empty() && word[0] == '/' && (LiesBelow(path, word) || LiesBelow(word, path));
  });
}

class BorgArchives {
 public:
  BorgArchives(Env& env, const BorgRepository& repository, std::optional<BorgKey> key)
      : env_(env), repository_(repository), key_(std::move(key)) {}

  absl::StatusOr<std::string> Plain(const Digest& id) const {
    TOM_ASSIGN_OR_RETURN(const std::string object, repository_.Read(id));
    return OpenBorgObject(object, Key(), &id);
  }

  absl::StatusOr<std::vector<BorgArchiveEntry>> List(const std::string& manifest) const {
    TOM_ASSIGN_OR_RETURN(const std::string plain, OpenBorgObject(manifest, Key(), nullptr));
    if (plain.size() > kMaxManifestBytes) {
      return absl::ResourceExhaustedError("the list of archives is larger than the bound");
    }
    TOM_ASSIGN_OR_RETURN(std::vector<BorgArchiveEntry> all, ParseBorgManifest(plain, Key()));
    // What an interrupted backup left: borg gives it the archive's name with this at its end.
    all.erase(std::remove_if(all.begin(), all.end(),
                             [](const BorgArchiveEntry& one) { return IsCheckpoint(one.name); }),
              all.end());
    std::stable_sort(
        all.begin(), all.end(),
        [](const BorgArchiveEntry& a, const BorgArchiveEntry& b) { return a.time > b.time; });
    return all;
  }

  absl::StatusOr<BorgArchive> Archive(const Digest& id) const {
    TOM_ASSIGN_OR_RETURN(const std::string plain, Plain(id));
    return ParseBorgArchive(plain);
  }

  // Every item: whether its data are there, and whether it is one of the declared paths.
  absl::StatusOr<ArchiveLook> LookThrough(const BorgArchive& archive, const DeclaredBackup& backup,
                                          const Declared& declared) const {
    ArchiveLook look;
    std::vector<std::string> wanted = PathsToHold(backup, declared);
    wanted.erase(
        std::remove_if(wanted.begin(), wanted.end(),
                       [&](const std::string& path) { return !CameByRoot(archive, path); }),
        wanted.end());
    HeldPaths held(env_, std::move(wanted));
    BorgItems stream;
    uint64_t bytes = 0;
    for (const Digest& chunk : archive.items) {
      TOM_ASSIGN_OR_RETURN(const std::string plain, Plain(chunk));
      bytes += plain.size();
      if (bytes > kMaxItemBytes) return look;
      std::vector<BorgItem> items;
      TOM_RETURN_IF_ERROR(stream.Add(plain, items));
      for (const BorgItem& item : items) TOM_RETURN_IF_ERROR(Take(item, held, look));
    }
    if (!stream.AtEnd()) return absl::DataLossError("the newest archive's list breaks off");
    look.read_whole = true;
    look.data_paths = held.HeldByWholeNames();
    return look;
  }

 private:
  const BorgKey* Key() const { return key_ ? &*key_ : nullptr; }

  absl::Status Take(const BorgItem& item, HeldPaths& held, ArchiveLook& look) const {
    constexpr uint32_t kType = 0170000;
    held.Take({"/" + item.path, (item.mode & kType) == 0040000, (item.mode & kType) == 0120000});
    for (const Digest& chunk : item.chunks) {
      TOM_ASSIGN_OR_RETURN(const bool there, repository_.Has(chunk));
      if (!there && look.missing.empty()) look.missing = item.path;
    }
    return absl::OkStatus();
  }

  Env& env_;
  const BorgRepository& repository_;
  std::optional<BorgKey> key_;
};

struct UnlockedKey {
  std::optional<BorgKey> key;
  bool encrypted = false;  // in effect: a key that opens without a passphrase guards nothing
};

absl::StatusOr<UnlockedKey> Unlock(Env& env, const DeclaredBackup& backup, const BorgConfig& config,
                                   const std::string& manifest) {
  UnlockedKey result;
  const BorgEncryption encryption = EncryptionOfBorgObject(manifest);
  if (encryption == BorgEncryption::kNone) return result;
  if (encryption == BorgEncryption::kUnknown) {
    return absl::DataLossError("the list of archives is of no kind that borg 1.x has");
  }
  std::string base64 = config.key;
  if (BorgTypeUsesKeyFile(manifest)) {
    if (backup.key_file.empty()) {
      return absl::FailedPreconditionError("key_file: the repository's key is kept elsewhere");
    }
    TOM_ASSIGN_OR_RETURN(const std::string text, env.ReadFile(backup.key_file, 64 << 10));
    TOM_ASSIGN_OR_RETURN(base64, ParseBorgKeyFile(text, config.id));
  }
  std::string passphrase;
  if (!backup.password_file.empty()) {
    TOM_ASSIGN_OR_RETURN(passphrase, ReadSecretLine(env, backup.password_file));
  }
  const auto key = UnlockBorgKey(base64, passphrase);
  if (absl::IsPermissionDenied(key.status()) && backup.password_file.empty()) {
    return absl::FailedPreconditionError("password_file: the repository's key has a passphrase");
  }
  if (!key.ok()) return key.status();
  result.key = *key;
  result.encrypted =
      encryption == BorgEncryption::kAes && (!passphrase.empty() || BorgTypeUsesKeyFile(manifest));
  return result;
}

// The repository's soundness as the newest copy's.
void Judge(const absl::Status& verified, const absl::StatusOr<ArchiveLook>& look,
           BackupSnapshot& newest) {
  newest.complete = false;
  if (absl::IsDataLoss(verified)) {
    newest.doubt = std::string(verified.message());
  } else if (absl::IsDataLoss(look.status()) || absl::IsInvalidArgument(look.status()) ||
             absl::IsNotFound(look.status())) {
    newest.doubt = std::string(look.status().message());
  } else if (look.ok() && !look->missing.empty()) {
    newest.doubt = "the data of a file are missing: " + look->missing;
  } else {
    newest.complete.reset();
    if (!verified.ok()) {
      newest.doubt = std::string(verified.message());
    } else if (!look.ok()) {
      newest.doubt = std::string(look.status().message());
    } else if (!look->read_whole) {
      newest.doubt = "the newest archive has more files than are looked through";
    } else {
      newest.complete = true;
    }
  }
}

absl::StatusOr<BackupContent> ReadArchives(BorgRepository& repository, const BorgArchives& archives,
                                           const std::string& manifest,
                                           const DeclaredBackup& backup, const Declared& declared) {
  TOM_ASSIGN_OR_RETURN(const std::vector<BorgArchiveEntry> list, archives.List(manifest));
  BackupContent content;
  content.found = static_cast<int64_t>(list.size());
  for (const BorgArchiveEntry& entry : list) {
    if (content.snapshots.size() == kMaxListedSnapshots) break;
    BackupSnapshot one;
    one.id = entry.name;
    one.time = entry.time;
    one.nanos = entry.micros * 1000;
    one.format = "borg";
    const auto archive = archives.Archive(entry.id);
    if (archive.ok()) one.size_bytes = archive->size;
    if (content.snapshots.empty()) {
      const auto look = archive.ok() ? archives.LookThrough(*archive, backup, declared)
                                     : absl::StatusOr<ArchiveLook>(archive.status());
      Judge(repository.Verify(), look, one);
      one.tells_paths = look.ok() && look->read_whole;
      if (one.tells_paths) one.paths = look->data_paths;
    }
    content.snapshots.push_back(std::move(one));
  }
  return content;
}

}  // namespace

std::vector<Touch> BorgTouches(const DeclaredBackup& backup) {
  const std::string purpose = "backup " + backup.name;
  std::vector<Touch> touches = TreeTouches(backup.repository, purpose);
  for (const std::string& file : {backup.password_file, backup.key_file}) {
    if (!file.empty()) Append(touches, PathTouches(file, purpose));
  }
  return touches;
}

absl::StatusOr<BackupContent> ExamineBorg(Env& env, const DeclaredBackup& backup,
                                          const Declared& declared) {
  TOM_RETURN_IF_ERROR(CheckStorePath(backup.repository, "repository"));
  TOM_ASSIGN_OR_RETURN(BorgRepository repository, BorgRepository::Open(env, backup.repository));
  auto manifest = repository.Read(Digest());
  if (absl::IsNotFound(manifest.status())) {
    return absl::DataLossError("the repository has no list of archives");
  }
  if (!manifest.ok()) return manifest.status();
  TOM_ASSIGN_OR_RETURN(UnlockedKey unlocked, Unlock(env, backup, repository.config(), *manifest));
  const bool encrypted = unlocked.encrypted;
  const BorgArchives archives(env, repository, std::move(unlocked.key));
  TOM_ASSIGN_OR_RETURN(BackupContent content,
                       ReadArchives(repository, archives, *manifest, backup, declared));
  for (BackupSnapshot& one : content.snapshots) {
    one.encrypted = encrypted;
  }
  return content;
}

}  // namespace tom
