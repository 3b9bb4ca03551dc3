// Who may do what below declared data paths: one row a path, with counts and the first of each
// kind, since a tree may hold a hundred thousand files. What counts as open is what others really
// reach: every directory on the way lets them pass.
#include <array>
#include <cstdio>

#include "checks/engine/table.h"
#include "checks/tables/path_reach.h"
#include "checks/tables/path_walk.h"

namespace tom {
namespace {

constexpr uint32_t kOthersRead = 04;
constexpr uint32_t kOthersWrite = 02;
constexpr uint32_t kSetId = 06000;
constexpr uint32_t kAnybodyRuns = 0111;

struct Finding {
  int64_t count = 0;
  std::string first;  // "PATH (mode 0644)"

  void Add(const std::string& path, uint32_t mode) {
    if (count++ > 0) return;
    std::array<char, 16> text;
    std::snprintf(text.data(), text.size(), "%04o", mode & 07777U);
    first = path.substr(0, 1000) + " (mode " + text.data() + ")";
  }
  Value First() const { return first.empty() ? Value() : Value(first); }
};

struct Tree {
  int64_t files = 0;
  int64_t directories = 0;
  int64_t not_examined = 0;
  Finding readable;
  Finding writable;
  Finding set_id;
  Finding devices;
};

class TreeScan {
 public:
  TreeScan(Env& env, RowSink& sink)
      : env_(env), sink_(sink), reach_(env), walk_(env, sink, [this](const WalkedPath& found) {
          Look(found.path);
          return true;
        }) {}

  // False: no more rows are wanted.
  bool Scan(const std::string& path) {
    tree_ = Tree();
    const auto info = env_.Stat(path);
    if (!info.ok()) {
      return sink_.Add({{"path", path}, {"error", std::string(info.status().message())}});
    }
    Count(path, *info);
    if (info->kind == FileKind::kDirectory) walk_.Below(path);
    if (walk_.full()) ++tree_.not_examined;
    return sink_.Add({{"path", path},
                      {"files", tree_.files},
                      {"directories", tree_.directories},
                      {"not_examined", tree_.not_examined},
                      {"others_read", tree_.readable.count},
                      {"first_others_read", tree_.readable.First()},
                      {"others_write", tree_.writable.count},
                      {"first_others_write", tree_.writable.First()},
                      {"set_id", tree_.set_id.count},
                      {"first_set_id", tree_.set_id.First()},
                      {"devices", tree_.devices.count},
                      {"first_device", tree_.devices.First()}});
  }

 private:
  void Look(const std::string& path) {
    const auto info = env_.Lstat(path);
    if (info.ok()) return Count(path, *info);
    if (absl::IsNotFound(info.status())) return;  // removed meanwhile
    ++tree_.not_examined;
    walk_.Say(info.status());
  }

  void Count(const std::string& path, const FileInfo& info) {
    if (info.kind == FileKind::kSymlink) return;  // its target has the rights
    const bool directory = info.kind == FileKind::kDirectory;
    ++(directory ? tree_.directories : tree_.files);
    if (info.kind == FileKind::kBlock || info.kind == FileKind::kCharacter) {
      tree_.devices.Add(path, info.mode);
    }
    if (info.kind == FileKind::kRegular && (info.mode & kSetId) != 0 &&
        (info.mode & kAnybodyRuns) != 0) {
      tree_.set_id.Add(path, info.mode);
    }
    if ((info.mode & (kOthersRead | kOthersWrite)) == 0) return;
    const auto reached = reach_.OthersReach(path);
    if (!reached.has_value()) {
      ++tree_.not_examined;
      return;
    }
    if (!*reached) return;
    if ((info.mode & kOthersRead) != 0 && !directory) tree_.readable.Add(path, info.mode);
    if ((info.mode & kOthersWrite) != 0) tree_.writable.Add(path, info.mode);
  }

  Env& env_;
  RowSink& sink_;
  PathReach reach_;
  PathWalk walk_;
  Tree tree_;
};

absl::Status GeneratePermissions(Env& env, const TableContext& context, RowSink& sink) {
  TreeScan scan(env, sink);
  for (const DeclaredPath& data : context.declared.data_paths) {
    if (!scan.Scan(data.path)) break;
  }
  return absl::OkStatus();
}

std::vector<Column> Columns() {
  constexpr ColumnType kBig = ColumnType::kBigint;
  return {{.name = "path", .description = "Declared data path"},
          {.name = "files", .type = kBig, .description = "Examined, directories left out"},
          {.name = "directories", .type = kBig, .description = "Examined, the path itself too"},
          {.name = "not_examined",
           .type = kBig,
           .description = "Names whose rights could not be told; 1 more where a bound was reached"},
          {.name = "others_read", .type = kBig, .description = "Files that every user may read"},
          {.name = "first_others_read", .description = "The first of them, with its mode"},
          {.name = "others_write",
           .type = kBig,
           .description = "Files and directories that every user may write to"},
          {.name = "first_others_write", .description = "The first of them, with its mode"},
          {.name = "set_id",
           .type = kBig,
           .description = "Programs that run with their owner's or group's rights"},
          {.name = "first_set_id", .description = "The first of them, with its mode"},
          {.name = "devices", .type = kBig, .description = "Device nodes"},
          {.name = "first_device", .description = "The first of them, with its mode"},
          {.name = "error", .description = "Why nothing was examined"}};
}

}  // namespace

Table file_permissions_table() {
  return {.name = "file_permissions",
          .description = "What others may do below declared data paths, counted",
          .columns = Columns(),
          .generate = GeneratePermissions,
          .touches = WalkTouches};
}

}  // namespace tom
