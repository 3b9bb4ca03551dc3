#include "checks/env/file_kind.h"

namespace tom {

FileKind KindOfMode(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return FileKind::kRegular;
    case S_IFDIR:
      return FileKind::kDirectory;
    case S_IFLNK:
      return FileKind::kSymlink;
    case S_IFBLK:
      return FileKind::kBlock;
    case S_IFCHR:
      return FileKind::kCharacter;
    case S_IFIFO:
      return FileKind::kFifo;
    case S_IFSOCK:
      return FileKind::kSocket;
    default:
      return FileKind::kUnknown;
  }
}

// osquery's words, which the table `file` shows as its column `type`.
std::string_view FileKindName(FileKind kind) {
  switch (kind) {
    case FileKind::kRegular:
      return "regular";
    case FileKind::kDirectory:
      return "directory";
    case FileKind::kSymlink:
      return "symlink";
    case FileKind::kBlock:
      return "block";
    case FileKind::kCharacter:
      return "character";
    case FileKind::kFifo:
      return "fifo";
    case FileKind::kSocket:
      return "socket";
    case FileKind::kUnknown:
      break;
  }
  return "unknown";
}

}  // namespace tom
