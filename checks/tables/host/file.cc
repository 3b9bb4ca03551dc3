// Files by path, directory or pattern: metadata alone, never content. Nothing is opened but
// directories, so a FIFO or a device is safe to name. Links are examined, not walked: `%%` does not
// go down into them, so that no loop can form.
#include <algorithm>
#include <array>
#include <cstdio>

#include "checks/engine/table.h"
#include "checks/parse/path_pattern.h"
#include "checks/tables/path_reach.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxFiles = 100000;
constexpr int kMaxDepth = 32;
constexpr int64_t kMaxMilliseconds = 20000;

std::string Octal(uint32_t mode) {
  std::array<char, 16> text;
  std::snprintf(text.data(), text.size(), "%04o", mode & 07777U);
  return text.data();
}

template <typename Number>
Value Count(Number number) {
  return static_cast<int64_t>(number);
}

std::string Join(const std::string& directory, const std::string& name) {
  return directory + (!directory.empty() && directory.back() == '/' ? "" : "/") + name;
}

class FileScan {
 public:
  FileScan(Env& env, RowSink& sink)
      : env_(env), sink_(sink), reach_(env), end_(env.MonotonicMs() + kMaxMilliseconds) {}

  // The file that `path` names, as the query spells it.
  void One(const std::string& path) {
    const size_t last = path.find_last_not_of('/');
    if (last == std::string::npos) return Row(path, "", "");
    const size_t slash = path.rfind('/', last);
    Row(path, path.substr(0, std::max<size_t>(slash, 1)), path.substr(slash + 1, last - slash));
  }

  void Children(const std::string& directory) {
    for (const std::string& name : Names(directory)) {
      if (full_) return;
      Row(Join(directory, name), directory, name);
    }
  }

  // Calls `use` with each path of the pattern's names from `index` on, below `at`.
  template <typename Use>
  void Expand(const PathPattern& pattern, size_t index, const std::string& at, const Use& use) {
    if (full_) return;
    if (index == pattern.names.size()) return use(at.empty() ? "/" : at);
    const std::string& name = pattern.names[index];
    if (name.find('%') == std::string::npos) {
      return Expand(pattern, index + 1, at + "/" + name, use);
    }
    for (const std::string& found : Names(at.empty() ? "/" : at)) {
      if (NameMatches(name, found)) Expand(pattern, index + 1, at + "/" + found, use);
    }
  }

  void Below(const std::string& directory, int depth) {
    if (depth > kMaxDepth) {
      return sink_.Incomplete(directory + ": deeper than 32 directories is not read");
    }
    for (const std::string& name : Names(directory)) {
      if (full_) return;
      const std::string path = Join(directory, name);
      Row(path, directory, name);
      const auto info = env_.Lstat(path);
      if (info.ok() && info->kind == FileKind::kDirectory) Below(path, depth + 1);
    }
  }

 private:
  struct Seen {
    FileInfo info;  // of what a link points to, where that is there; else of the link
    bool link = false;
    Value target;
  };

  // Counts what is looked at; false when a bound is reached, which is said once.
  bool Within() {
    if (full_) return false;
    full_ = ++looked_ > kMaxFiles || env_.MonotonicMs() > end_;
    if (full_) {
      sink_.Incomplete(looked_ > kMaxFiles ? "more than 100,000 files" : "took longer than 20 s");
    }
    return !full_;
  }

  // What is not there is no row; what cannot be examined is said.
  void Say(const absl::Status& status) {
    if (!absl::IsNotFound(status)) sink_.Incomplete(std::string(status.message()));
  }

  std::vector<std::string> Names(const std::string& directory) {
    if (!Within()) return {};
    auto names = env_.ListDirectory(directory);
    if (names.ok()) return *std::move(names);
    Say(names.status());
    return {};
  }

  absl::StatusOr<Seen> Look(const std::string& path) {
    Seen seen;
    TOM_ASSIGN_OR_RETURN(seen.info, env_.Lstat(path));
    seen.link = seen.info.kind == FileKind::kSymlink;
    if (!seen.link) return seen;
    if (const auto target = env_.ReadLink(path); target.ok()) seen.target = *target;
    const auto info = env_.Stat(path);
    if (info.ok()) {
      seen.info = *info;
    } else if (!absl::IsFailedPrecondition(info.status())) {  // a loop of links is a fact
      Say(info.status());
    }
    return seen;
  }

  void Row(const std::string& path, const std::string& directory, const std::string& name) {
    if (!Within()) return;
    const auto seen = Look(path);
    if (!seen.ok()) return Say(seen.status());
    const FileInfo& info = seen->info;
    const bool dangling = info.kind == FileKind::kSymlink;
    const auto reach = dangling ? std::nullopt : reach_.OthersReach(path);
    const bool more = sink_.Add({{"path", path},
                                 {"directory", directory},
                                 {"filename", name},
                                 {"inode", Count(info.inode)},
                                 {"uid", Count(info.uid)},
                                 {"gid", Count(info.gid)},
                                 {"mode", Octal(info.mode)},
                                 {"device", Count(info.device)},
                                 {"size", info.size},
                                 {"block_size", info.block_size},
                                 {"atime", info.accessed},
                                 {"mtime", info.modified},
                                 {"ctime", info.changed},
                                 {"btime", info.created ? Value(*info.created) : Value()},
                                 {"hard_links", Count(info.links)},
                                 {"symlink", Count(seen->link)},
                                 {"type", std::string(FileKindName(info.kind))},
                                 {"symlink_target_path", seen->target},
                                 {"others", dangling ? Value() : Count(info.mode & 7U)},
                                 {"others_reach", reach ? Count(*reach) : Value()}});
    full_ = full_ || !more;
  }

  Env& env_;
  RowSink& sink_;
  PathReach reach_;
  int64_t end_;
  size_t looked_ = 0;
  bool full_ = false;
};

const std::string* TextOf(const TableContext& context, Constraint::Kind kind,
                          std::string_view column) {
  for (const Constraint& one : context.constraints) {
    if (one.kind == kind && one.column == column) return std::get_if<std::string>(&one.value);
  }
  return nullptr;
}

bool Constrained(const TableContext& context) { return !context.constraints.empty(); }

// The narrowest constraint decides what is looked at; SQL applies the others.
absl::Status GenerateFile(Env& env, const TableContext& context, RowSink& sink) {
  using Kind = Constraint::Kind;
  FileScan scan(env, sink);
  if (const std::string* path = TextOf(context, Kind::kEqual, "path")) {
    TOM_RETURN_IF_ERROR(ParsePathPattern("/" + *path).status());  // no NUL, no endless path
    if ((*path)[0] != '/') return BadData("path: " + *path + " is not absolute");
    scan.One(*path);
  } else if (const std::string* directory = TextOf(context, Kind::kEqual, "directory")) {
    if (directory->empty() || (*directory)[0] != '/') {
      return BadData("directory: " + *directory + " is not absolute");
    }
    scan.Children(*directory);
  } else if (const std::string* like = TextOf(context, Kind::kLike, "path")) {
    TOM_ASSIGN_OR_RETURN(const PathPattern pattern, ParsePathPattern(*like));
    scan.Expand(pattern, 0, "", [&](const std::string& found) {
      pattern.below ? scan.Below(found, 1) : scan.One(found);
    });
  } else if (const std::string* parent = TextOf(context, Kind::kLike, "directory")) {
    TOM_ASSIGN_OR_RETURN(const PathPattern pattern, ParsePathPattern(*parent));
    if (pattern.below) return BadData("directory LIKE takes no %%: use path LIKE");
    scan.Expand(pattern, 0, "", [&](const std::string& found) { scan.Children(found); });
  } else if (!Constrained(context)) {
    return BadData("name the files: WHERE path = …, path LIKE … or directory = …");
  }
  return absl::OkStatus();
}

std::vector<Column> Columns() {
  constexpr ColumnType kBig = ColumnType::kBigint;
  constexpr ColumnType kInt = ColumnType::kInteger;
  return {
      {.name = "path", .description = "As the query names it, or found by it", .pushdown = true},
      {.name = "directory", .description = "Directory it stands in", .pushdown = true},
      {.name = "filename", .description = "Last name of the path"},
      {.name = "inode", .type = kBig, .description = "Inode number"},
      {.name = "uid", .type = kBig, .description = "Owner"},
      {.name = "gid", .type = kBig, .description = "Group"},
      {.name = "mode", .description = "Permission bits, octal: 0644"},
      {.name = "device", .type = kBig, .description = "Device of its file system"},
      {.name = "size", .type = kBig, .description = "Bytes"},
      {.name = "block_size", .type = kInt, .description = "Preferred block size, bytes"},
      {.name = "atime", .type = kBig, .description = "Last access, Unix seconds"},
      {.name = "mtime", .type = kBig, .description = "Last change of content, Unix seconds"},
      {.name = "ctime", .type = kBig, .description = "Last change of the inode, Unix seconds"},
      {.name = "btime", .type = kBig, .description = "Birth, Unix seconds, where it is kept"},
      {.name = "hard_links", .type = kInt, .description = "Count of names"},
      {.name = "symlink", .type = kInt, .description = "1: a link; the rest is of its target"},
      {.name = "type", .description = "regular, directory, fifo, …; symlink: it leads nowhere"},
      {.name = "symlink_target_path", .description = "What the link holds"},
      {.name = "others",
       .type = kInt,
       .description = "Bits for others: 4 read, 2 write, 1 execute or enter",
       .hidden = true},
      {.name = "others_reach",
       .type = kInt,
       .description = "1: every directory on the way lets others pass",
       .hidden = true},
  };
}

}  // namespace

Table file_table() {
  return {
      .name = "file",
      .description = "Files by path, directory or pattern (% in a name, %% all below)",
      .columns = Columns(),
      .generate = GenerateFile,
      .touches = [](Env&, const Declared& declared) {
        std::vector<Touch> touches;
        for (const DeclaredPath& data : declared.data_paths) {
          Append(touches, TreeTouches(data.path, "declared data path"));
        }
        touches.push_back({TouchKind::kCapability, "CAP_DAC_READ_SEARCH", "every file's metadata"});
        return touches;
      }};
}

}  // namespace tom
