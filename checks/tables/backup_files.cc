#include <algorithm>
#include <set>

#include "checks/engine/sqlite_file.h"
#include "checks/parse/archive_probe.h"
#include "checks/tables/backup_kinds.h"
#include "checks/tables/backup_memory.h"
#include "checks/tables/env_glob.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr int64_t kWorthRemembering = 1 << 20;  // bytes

// Which of the paths that are asked about the archive's members are, or lie below.
class Holding {
 public:
  Holding(Env& env, std::vector<std::string> wanted) : env_(env), wanted_(std::move(wanted)) {
    states_.resize(wanted_.size());
  }

  void Take(const ArchiveMember& member) {
    std::string_view name = member.name;
    while (name.starts_with("./") || name.starts_with("/")) {
      name.remove_prefix(name[0] == '/' ? 1 : 2);
    }
    const bool below_here = name != member.name && member.name[0] == '.';
    if (name.empty() || name == ".") {
      anywhere_ = anywhere_ || member.name[0] == '.';
      return;
    }
    while (name.ends_with("/")) name.remove_suffix(1);
    for (size_t i = 0; i < wanted_.size(); ++i) Judge(member, name, below_here, i);
  }

  // Nothing: the names are relative to a folder that is not told.
  std::optional<std::vector<std::string>> Held() {
    std::vector<std::string> held;
    bool open = false;
    for (size_t i = 0; i < wanted_.size(); ++i) {
      const State& state = states_[i];
      if (state.content || (state.folder && LiveIsEmpty(wanted_[i]))) {
        held.push_back(wanted_[i]);
      } else {
        open = open || anywhere_ || state.perhaps;
      }
    }
    if (held.empty() && open) return std::nullopt;
    return held;
  }

 private:
  struct State {
    bool content = false;  // the file itself, or something in the folder
    bool folder = false;
    bool perhaps = false;  // a name that fits from some folder on
  };

  void Judge(const ArchiveMember& member, std::string_view name, bool below_here, size_t i) {
    const std::string_view path = std::string_view(wanted_[i]).substr(1);
    State& state = states_[i];
    if (name == path) {
      state.folder = state.folder || member.folder;
      state.content = state.content || (!member.folder && !member.link);
    } else if (name.size() > path.size() && name[path.size()] == '/' && name.starts_with(path)) {
      state.content = true;
    }
    const std::string_view first = name.substr(0, name.find('/'));
    if (below_here) state.perhaps = true;
    for (size_t at = path.find('/'); at != std::string_view::npos; at = path.find('/', at + 1)) {
      const std::string_view rest = path.substr(at + 1);
      if (rest.substr(0, rest.find('/')) == first) state.perhaps = true;
    }
  }

  bool LiveIsEmpty(const std::string& path) {
    const auto names = env_.ListDirectory(path);
    return names.ok() && names->empty();
  }

  Env& env_;
  std::vector<std::string> wanted_;
  std::vector<State> states_;
  bool anywhere_ = false;
};

std::vector<std::string> WantedPaths(const DeclaredBackup& backup, const Declared& declared) {
  std::set<std::string> wanted(backup.covers.begin(), backup.covers.end());
  for (const DeclaredPath& data : declared.data_paths) wanted.insert(data.path);
  std::vector<std::string> paths;
  for (std::string path : wanted) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    if (path.size() > 1 && path[0] == '/') paths.push_back(std::move(path));
  }
  return paths;
}

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
  Holding holding(env, wanted);
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
    TOM_RETURN_IF_ERROR(LookInto(env, info, WantedPaths(backup, declared), content.snapshots[0]));
  }
  return content;
}

}  // namespace tom
