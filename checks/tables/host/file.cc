// Files by path, directory or pattern: metadata alone, never content. Nothing is opened but
// directories, so a FIFO or a device is safe to name.
#include <array>
#include <cstdio>

#include "checks/engine/table.h"
#include "checks/tables/path_reach.h"
#include "checks/tables/path_walk.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

std::string Octal(uint32_t mode) {
  std::array<char, 16> text;
  std::snprintf(text.data(), text.size(), "%04o", mode & 07777U);
  return text.data();
}

template <typename Number>
Value Count(Number number) {
  return static_cast<int64_t>(number);
}

class FileRows {
 public:
  FileRows(Env& env, RowSink& sink)
      : env_(env),
        sink_(sink),
        reach_(env),
        walk_(env, sink, [this](const WalkedPath& found) { return Row(found); }) {}

  absl::Status Run(const TableContext& context) { return walk_.Run(context); }

 private:
  struct Seen {
    FileInfo info;  // of what a link points to, where that is there; else of the link
    bool link = false;
    Value target;
  };

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
      walk_.Say(info.status());
    }
    return seen;
  }

  bool Row(const WalkedPath& found) {
    const auto seen = Look(found.path);
    if (!seen.ok()) {
      walk_.Say(seen.status());
      return true;
    }
    const FileInfo& info = seen->info;
    const bool dangling = info.kind == FileKind::kSymlink;
    const auto reach = dangling ? std::nullopt : reach_.OthersReach(found.path);
    return sink_.Add({{"path", found.path},
                      {"directory", found.directory},
                      {"filename", found.filename},
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
  }

  Env& env_;
  RowSink& sink_;
  PathReach reach_;
  PathWalk walk_;
};

absl::Status GenerateFile(Env& env, const TableContext& context, RowSink& sink) {
  return FileRows(env, sink).Run(context);
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
  return {.name = "file",
          .description = "Files by path, directory or pattern (% in a name, %% all below)",
          .columns = Columns(),
          .generate = GenerateFile,
          .touches = WalkTouches};
}

}  // namespace tom
