#include <algorithm>

#include "checks/engine/sqlite_file.h"
#include "checks/parse/archive_probe.h"
#include "checks/tables/backup_held.h"
#include "checks/tables/backup_kinds.h"
#include "checks/tables/backup_memory.h"
#include "checks/tables/env_glob.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr int64_t kWorthRemembering = 1 << 20;  // bytes

// By SQLite's own words; its pages have no sums, and what is in them can be wrong unseen.
void CheckSqlite(Env& env, BackupSnapshot& file) {
  SqliteRequest request;
  request.path = file.id;
  request.check_whole = true;
  const auto rows = AskSqliteFile(env, request);
  if (!rows.ok()) {
    file.complete.reset();
    file.doubt = std::string(rows.status().message());
    return;
  }
  const bool ok = rows->error.empty() && rows->rows.size() == 1 && !rows->rows[0].empty() &&
                  rows->rows[0][0] == "ok";
  if (ok) return;
  file.complete = false;
  file.doubt = "SQLite finds it damaged";
}

// "gzip sql 0": format, content or "-", encrypted. Only of what was found whole.
std::string NoteOf(const BackupSnapshot& file) {
  return file.format + " " + (file.content.empty() ? "-" : file.content) + " " +
         (file.encrypted ? (*file.encrypted ? "1" : "0") : "-");
}

bool TakeNote(const std::string& note, BackupSnapshot& file) {
  const size_t first = note.find(' ');
  const size_t second = note.rfind(' ');
  if (first == std::string::npos || second <= first || second + 2 != note.size()) return false;
  file.format = note.substr(0, first);
  file.content = note.substr(first + 1, second - first - 1);
  if (file.content == "-") file.content.clear();
  if (note.back() != '-') file.encrypted = note.back() == '1';
  file.complete = true;
  return true;
}

absl::Status LookInto(Env& env, const FileInfo& info, const std::vector<std::string>& wanted,
                      BackupSnapshot& file) {
  const std::string fingerprint =
      FingerprintOf({{file.id, static_cast<uint64_t>(info.size), info.modified, info.mode,
                      info.changed, info.inode}});
  const auto note = VerifiedNote(env, file.id, fingerprint);
  // Which members it has is not kept: with paths asked about it is read again.
  if (note && wanted.empty() && TakeNote(*note, file)) return absl::OkStatus();
  const ByteSource read = [&](uint64_t offset, size_t bytes) {
    return env.ReadRange(file.id, offset, bytes);
  };
  HeldPaths holding(env, wanted);
  TOM_ASSIGN_OR_RETURN(const ArchiveProbe probe,
                       ProbeArchive(read, static_cast<uint64_t>(*file.size_bytes),
                                    [&](const ArchiveMember& member) { holding.Take(member); }));
  file.format = probe.format;
  file.content = probe.content;
  file.encrypted = probe.encrypted;
  file.complete = probe.complete;
  file.doubt = probe.doubt;
  if (probe.members_told) {
    auto held = holding.Held();
    file.tells_paths = held.has_value();
    if (held) file.paths = *std::move(held);
  }
  if (file.format == "sqlite" && file.complete == true) CheckSqlite(env, file);
  if (file.complete == true && info.size >= kWorthRemembering) {
    KeepVerified(env, file.id, fingerprint, NoteOf(file));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<BackupContent> ExamineFiles(Env& env, const DeclaredBackup& backup,
                                           const Declared& declared) {
  BackupContent content;
  const GlobResult found = ExpandGlob(env, backup.path);
  if (!found.problems.empty()) return absl::UnavailableError(ToAbsl(found.problems[0]));
  for (const std::string& path : found.paths) {
    const auto info = env.Lstat(path);
    if (absl::IsNotFound(info.status())) continue;  // gone since
    if (!info.ok()) return info.status();
    if (info->kind != FileKind::kRegular) continue;
    ++content.found;
    BackupSnapshot file;
    file.id = path;
    file.time = info->modified;
    file.size_bytes = info->size;
    content.snapshots.push_back(std::move(file));
  }
  std::stable_sort(
      content.snapshots.begin(), content.snapshots.end(),
      [](const BackupSnapshot& a, const BackupSnapshot& b) { return a.time > b.time; });
  if (content.snapshots.size() > kMaxListedSnapshots) content.snapshots.resize(kMaxListedSnapshots);
  if (content.snapshots.empty() && !found.paths.empty()) {
    return absl::FailedPreconditionError(
        ToAbsl(backup.path + ": what is there are no regular files"));
  }
  if (!content.snapshots.empty() && content.snapshots[0].size_bytes > 0) {
    TOM_ASSIGN_OR_RETURN(const FileInfo info, env.Lstat(content.snapshots[0].id));
    TOM_RETURN_IF_ERROR(LookInto(env, info, PathsToHold(backup, declared), content.snapshots[0]));
  }
  return content;
}

}  // namespace tom
