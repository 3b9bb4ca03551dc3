#include "checks/tables/backup_store.h"

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxStoreEntries = 200000;
constexpr size_t kMaxSecretBytes = 4096;

// NOLINTNEXTLINE(misc-no-recursion): bounded by `depth_left`
absl::Status Walk(Env& env, const std::string& directory, int depth_left, size_t& entries,
                  std::vector<StoredFile>& files) {
  TOM_ASSIGN_OR_RETURN(const std::vector<std::string> names, env.ListDirectory(directory));
  for (const std::string& name : names) {
    std::string path = directory;
    path.append("/").append(name);
    if (++entries > kMaxStoreEntries) {
      return absl::ResourceExhaustedError(
          ToAbsl(directory + ": more files than the bound allows to walk"));
    }
    const auto info = env.Lstat(path);
    if (absl::IsNotFound(info.status())) continue;  // a lock or a pack that came and went
    if (!info.ok()) return info.status();
    if (info->kind == FileKind::kDirectory && depth_left > 0) {
      TOM_RETURN_IF_ERROR(Walk(env, path, depth_left - 1, entries, files));
    } else if (info->kind == FileKind::kRegular) {
      files.push_back({path, static_cast<uint64_t>(info->size), info->modified, info->mode,
                       info->changed, info->inode});
    } else {
      return absl::FailedPreconditionError(ToAbsl(
          path + ": a " + std::string(FileKindName(info->kind)) + " has no place in a repository"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckStorePath(const std::string& path, const char* what) {
  if (path.empty() || path[0] != '/') {
    return absl::UnimplementedError(
        ToAbsl(std::string(what) + ": only absolute local paths are examined"));
  }
  if (path.find('\0') != std::string::npos || (path + "/").find("/../") != std::string::npos) {
    return BadData(std::string(what) + ": a path that is not plain");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<StoredFile>> WalkStore(Env& env, const std::string& top, int max_depth) {
  TOM_ASSIGN_OR_RETURN(const FileInfo info, env.Lstat(top));
  if (info.kind != FileKind::kDirectory) {
    return absl::FailedPreconditionError(ToAbsl(top + ": no directory"));
  }
  std::vector<StoredFile> files;
  size_t entries = 0;
  TOM_RETURN_IF_ERROR(Walk(env, top, max_depth, entries, files));
  return files;
}

absl::StatusOr<std::string> ReadSecretLine(Env& env, const std::string& path) {
  TOM_ASSIGN_OR_RETURN(std::string text, env.ReadFile(path, kMaxSecretBytes));
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string TooLargeToVerify(uint64_t bytes) {
  return "it has " + std::to_string(bytes >> 20) + " MiB, and only up to " +
         std::to_string(kMaxVerifiedBytes >> 20) + " MiB are read through";
}

bool LiesBelow(const std::string& path, std::string top) {
  while (top.size() > 1 && top.back() == '/') top.pop_back();
  return path == top || top == "/" || path.compare(0, top.size() + 1, top + "/") == 0;
}

}  // namespace tom
