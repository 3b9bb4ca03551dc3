#include <algorithm>

#include "absl/strings/str_replace.h"
#include "checks/engine/clean_text.h"
#include "checks/parse/json_tree.h"
#include "checks/tables/backup_kinds.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kRepositoryFd[] = "/proc/self/fd/3";
constexpr char kPasswordFd[] = "/proc/self/fd/4";
constexpr int64_t kDeadlineMs = 20000;
constexpr size_t kMaxRepositoryEntries = 500000;
constexpr int kMaxRepositoryDepth = 4;  // data/00/<pack>

absl::Status CheckName(const std::string& name, const char* what) {
  if (name.empty() || name[0] != '/') {
    return absl::UnimplementedError(
        ToAbsl(std::string(what) + ": only absolute local paths are examined"));
  }
  if (name.find('\0') != std::string::npos || (name + "/").find("/../") != std::string::npos) {
    return BadData(std::string(what) + ": a path that is not plain");
  }
  return absl::OkStatus();
}

// A link could lead restic out of the root, a FIFO make it wait.
absl::Status WalkRepository(Env& env, const std::string& directory, int depth, size_t& entries) {
  TOM_ASSIGN_OR_RETURN(const FileInfo top, env.Lstat(directory));
  if (top.kind != FileKind::kDirectory)
    return absl::FailedPreconditionError(ToAbsl(directory + ": no directory"));
  TOM_ASSIGN_OR_RETURN(const std::vector<std::string> names, env.ListDirectory(directory));
  for (const std::string& name : names) {
    const std::string path = directory + "/" + name;
    if (++entries > kMaxRepositoryEntries) {
      return absl::ResourceExhaustedError(
          ToAbsl(directory + ": more files than the bound allows to walk"));
    }
    const auto info = env.Lstat(path);
    if (absl::IsNotFound(info.status())) continue;  // a lock or a pack that came and went
    if (!info.ok()) return info.status();
    if (info->kind == FileKind::kDirectory && depth < kMaxRepositoryDepth) {
      TOM_RETURN_IF_ERROR(WalkRepository(env, path, depth + 1, entries));
    } else if (info->kind != FileKind::kRegular) {
      return absl::FailedPreconditionError(ToAbsl(
          path + ": a " + std::string(FileKindName(info->kind)) + " has no place in a repository"));
    }
  }
  return absl::OkStatus();
}

// RFC 3339 with a fraction and any offset, as Go writes it.
absl::StatusOr<UnixSeconds> ParseGoTime(std::string_view text) {
  if (text.size() < 20) return BadData("a snapshot without a time");
  TOM_ASSIGN_OR_RETURN(const UnixSeconds local, ParseUtc(std::string(text.substr(0, 19)) + "Z"));
  size_t at = 19;
  if (text[at] == '.') at = std::min(text.find_first_not_of("0123456789", at + 1), text.size());
  const std::string_view zone = text.substr(at);
  if (zone == "Z") return local;
  const auto digit = [&](size_t i) {
    return zone[i] >= '0' && zone[i] <= '9' ? zone[i] - '0' : 100;
  };
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':')
    return BadData("a snapshot's time has no zone");
  const int hours = digit(1) * 10 + digit(2);
  const int minutes = digit(4) * 10 + digit(5);
  if (hours > 24 || minutes > 59) return BadData("a snapshot's time has no zone");
  const int64_t offset = (hours * 60 + minutes) * 60;
  return zone[0] == '+' ? local - offset : local + offset;
}

absl::StatusOr<BackupSnapshot> ReadSnapshot(const JsonNode& node) {
  BackupSnapshot snapshot;
  snapshot.id = std::string(node.Text("id"));
  if (snapshot.id.empty()) return BadData("restic names a snapshot without an id");
  TOM_ASSIGN_OR_RETURN(snapshot.time, ParseGoTime(node.Text("time")));
  snapshot.format = "restic";
  snapshot.encrypted = true;  // there is no other repository
  snapshot.doubt = "whether the repository's data are whole is not examined yet";
  if (const JsonNode* paths = node.Find("paths"); paths != nullptr && paths->IsArray()) {
    for (const JsonNode& path : paths->items) {
      if (path.IsString()) snapshot.paths.push_back(path.text);
    }
  }
  return snapshot;
}

}  // namespace

absl::StatusOr<BackupContent> ParseResticSnapshots(std::string_view json) {
  TOM_ASSIGN_OR_RETURN(const JsonNode tree, ParseJsonTree(json));
  BackupContent content;
  if (tree.kind == JsonNode::Kind::kNull) return content;  // an empty repository
  if (!tree.IsArray()) return BadData("restic's answer is no list");
  for (const JsonNode& node : tree.items) {
    TOM_ASSIGN_OR_RETURN(BackupSnapshot snapshot, ReadSnapshot(node));
    content.snapshots.push_back(std::move(snapshot));
  }
  content.found = static_cast<int64_t>(content.snapshots.size());
  std::stable_sort(
      content.snapshots.begin(), content.snapshots.end(),
      [](const BackupSnapshot& a, const BackupSnapshot& b) { return a.time > b.time; });
  if (content.snapshots.size() > kMaxListedSnapshots) content.snapshots.resize(kMaxListedSnapshots);
  return content;
}

std::vector<Touch> ResticTouches(const DeclaredBackup& backup) {
  const std::string purpose = "backup " + backup.name;
  std::vector<Touch> touches = TreeTouches(backup.repository, purpose);
  Append(touches, PathTouches(backup.password_file, purpose));
  touches.push_back({TouchKind::kProgram, "/usr/bin/restic", purpose});
  Append(touches, ProgramsFiles({"/proc/self/**", "/sys/kernel/mm/**", "/dev/null",
                                 "/etc/localtime", "/etc/machine-id", "/usr/share/zoneinfo/**"},
                                "restic"));
  return touches;
}

absl::StatusOr<BackupContent> ExamineRestic(Env& env, const DeclaredBackup& backup) {
  TOM_RETURN_IF_ERROR(CheckName(backup.repository, "repository"));
  TOM_RETURN_IF_ERROR(CheckName(backup.password_file, "password_file"));
  TOM_ASSIGN_OR_RETURN(const FileInfo password, env.Stat(backup.password_file));
  if (password.kind != FileKind::kRegular) {
    return absl::FailedPreconditionError(ToAbsl(backup.password_file + ": no regular file"));
  }
  size_t entries = 0;
  TOM_RETURN_IF_ERROR(WalkRepository(env, backup.repository, 0, entries));
  // By descriptors, so that in another root no link on the way leads restic out of it.
  TOM_ASSIGN_OR_RETURN(
      const ProgramResult result,
      env.RunProgram(
          {.path = "/usr/bin/restic",
           .arguments = {"snapshots", "--json", "--no-lock", "--no-cache", "-r", kRepositoryFd},
           .environment = {std::string("RESTIC_PASSWORD_FILE=") + kPasswordFd},
           .deadline_ms = kDeadlineMs,
           .opened = {backup.repository, backup.password_file}}));
  if (result.exit_status != 0) {
    std::string first = result.error.substr(0, result.error.find('\n'));
    first = absl::StrReplaceAll(first, {{kRepositoryFd, ToAbsl(backup.repository)},
                                        {kPasswordFd, ToAbsl(backup.password_file)}});
    return absl::UnavailableError(ToAbsl("restic ended with " + std::to_string(result.exit_status) +
                                         ": " + CleanText(first, 200)));
  }
  return ParseResticSnapshots(result.output);
}

}  // namespace tom
