#include <algorithm>

#include "checks/parse/archive_probe.h"
#include "checks/tables/backup_kinds.h"
#include "checks/tables/backup_memory.h"
#include "checks/tables/env_glob.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr int64_t kWorthRemembering = 1 << 20;  // bytes

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

absl::Status LookInto(Env& env, const FileInfo& info, BackupSnapshot& file) {
  const std::string fingerprint =
      FingerprintOf({{file.id, static_cast<uint64_t>(info.size), info.modified, info.mode,
                      info.changed, info.inode}});
  const auto note = VerifiedNote(env, file.id, fingerprint);
  if (note && TakeNote(*note, file)) return absl::OkStatus();
  const ByteSource read = [&](uint64_t offset, size_t bytes) {
    return env.ReadRange(file.id, offset, bytes);
  };
  TOM_ASSIGN_OR_RETURN(const ArchiveProbe probe,
                       ProbeArchive(read, static_cast<uint64_t>(*file.size_bytes)));
  file.format = probe.format;
  file.content = probe.content;
  file.encrypted = probe.encrypted;
  file.complete = probe.complete;
  file.doubt = probe.doubt;
  if (file.complete == true && info.size >= kWorthRemembering) {
    KeepVerified(env, file.id, fingerprint, NoteOf(file));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<BackupContent> ExamineFiles(Env& env, const DeclaredBackup& backup) {
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
    TOM_RETURN_IF_ERROR(LookInto(env, info, content.snapshots[0]));
  }
  return content;
}

}  // namespace tom
