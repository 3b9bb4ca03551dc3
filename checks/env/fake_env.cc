#include "checks/env/fake_env.h"

#include <algorithm>
#include <cerrno>

#include "checks/env/errno_status.h"
#include "checks/env/programs.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr int kMaxLinks = 40;

std::string Parent(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

std::vector<std::string> Components(const std::string& path) {
  std::vector<std::string> parts;
  size_t start = 0;
  while (start < path.size()) {
    size_t end = path.find('/', start);
    if (end == std::string::npos) end = path.size();
    if (end > start) parts.push_back(path.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

bool IsAtOrBelow(const std::string& path, const std::string& top) {
  return path == top || (path.size() > top.size() && path.compare(0, top.size(), top) == 0 &&
                         (path[top.size()] == '/' || top == "/"));
}

}  // namespace

FakeEnv::Node& FakeEnv::Place(const std::string& path) {
  for (std::string up = Parent(path);; up = Parent(up)) {
    nodes_.try_emplace(up, Node{{.kind = FileKind::kDirectory, .mode = 0755}, ""});
    if (up == "/") break;
  }
  return nodes_[path];
}

FakeEnv& FakeEnv::AddFile(const std::string& path, std::string content, uint32_t mode) {
  const auto size = static_cast<int64_t>(content.size());
  Place(path) = {{.kind = FileKind::kRegular, .mode = mode, .size = size, .modified = now_},
                 std::move(content)};
  return *this;
}

FakeEnv& FakeEnv::AddDirectory(const std::string& path, uint32_t mode) {
  Place(path) = {{.kind = FileKind::kDirectory, .mode = mode, .modified = now_}, ""};
  return *this;
}

FakeEnv& FakeEnv::AddLink(const std::string& path, std::string target) {
  Place(path) = {{.kind = FileKind::kSymlink, .mode = 0777}, std::move(target)};
  return *this;
}

FakeEnv& FakeEnv::AddNode(const std::string& path, FileInfo info) {
  Place(path) = {info, ""};
  return *this;
}

FakeEnv& FakeEnv::AddBlockDevice(const std::string& path, uint64_t special_device,
                                 std::string content) {
  Place(path) = {{.kind = FileKind::kBlock, .mode = 0660, .special_device = special_device},
                 std::move(content)};
  return *this;
}

FakeEnv& FakeEnv::SetOwner(const std::string& path, uint32_t uid, uint32_t gid) {
  nodes_.at(path).info.uid = uid;
  nodes_.at(path).info.gid = gid;
  return *this;
}

FakeEnv& FakeEnv::SetModified(const std::string& path, UnixSeconds modified) {
  nodes_.at(path).info.modified = modified;
  return *this;
}

FakeEnv& FakeEnv::AddError(const std::string& path, absl::Status status) {
  errors_[path] = std::move(status);
  return *this;
}

FakeEnv& FakeEnv::DenyAll() {
  deny_all_ = true;
  return *this;
}

FakeEnv& FakeEnv::SetFileSystem(const std::string& path, FileSystemInfo info) {
  file_systems_[path] = info;
  return *this;
}

FakeEnv& FakeEnv::SetFscryptPolicy(const std::string& path, std::string policy) {
  policies_[path] = std::move(policy);
  return *this;
}

FakeEnv& FakeEnv::AddProgram(const std::string& command_line,
                             absl::StatusOr<ProgramResult> result) {
  programs_.insert_or_assign(command_line, std::move(result));
  return *this;
}

FakeEnv& FakeEnv::SetNow(UnixSeconds now) {
  now_ = now;
  return *this;
}

FakeEnv& FakeEnv::SetMode(RootMode mode) {
  mode_ = mode;
  return *this;
}

absl::Status FakeEnv::ErrorAt(const std::string& path) const {
  if (deny_all_) return ErrnoStatus(EACCES, path);
  for (const auto& [top, status] : errors_) {
    if (IsAtOrBelow(path, top)) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> FakeEnv::Resolve(const std::string& path, bool follow) const {
  std::vector<std::string> left = Components(path);
  std::reverse(left.begin(), left.end());
  std::string at;
  int links = 0;
  while (!left.empty()) {
    const std::string part = left.back();
    left.pop_back();
    if (part == ".") continue;
    if (part == "..") {
      at = at.empty() || Parent(at) == "/" ? "" : Parent(at);
      continue;
    }
    const std::string next = at + "/" + part;
    TOM_RETURN_IF_ERROR(ErrorAt(next));
    const auto found = nodes_.find(next);
    if (found == nodes_.end()) return ErrnoStatus(ENOENT, path);
    if (found->second.info.kind != FileKind::kSymlink || (left.empty() && !follow)) {
      at = next;
      continue;
    }
    if (++links > kMaxLinks) return ErrnoStatus(ELOOP, path);
    const std::string& target = found->second.content;
    if (!target.empty() && target[0] == '/') at.clear();
    std::vector<std::string> parts = Components(target);
    left.insert(left.end(), parts.rbegin(), parts.rend());
  }
  return at.empty() ? "/" : at;
}

absl::StatusOr<const FakeEnv::Node*> FakeEnv::Find(const std::string& path, bool follow) const {
  TOM_RETURN_IF_ERROR(ErrorAt(path));
  TOM_ASSIGN_OR_RETURN(const std::string real, Resolve(path, follow));
  const auto found = nodes_.find(real);
  if (found == nodes_.end()) return ErrnoStatus(ENOENT, path);
  return &found->second;
}

absl::StatusOr<std::string> FakeEnv::ReadFile(const std::string& path, size_t max_bytes) {
  reads_.push_back(path);
  TOM_ASSIGN_OR_RETURN(const Node* node, Find(path, true));
  if (node->info.kind != FileKind::kRegular) {
    return absl::FailedPreconditionError(
        ToAbsl(path + ": not a regular file but a " + std::string(FileKindName(node->info.kind))));
  }
  if (node->content.size() > max_bytes) {
    return absl::ResourceExhaustedError(
        ToAbsl(path + ": larger than " + std::to_string(max_bytes) + " bytes"));
  }
  return node->content;
}

absl::StatusOr<std::string> FakeEnv::ReadRange(const std::string& path, uint64_t offset,
                                               size_t bytes) {
  reads_.push_back(path);
  TOM_ASSIGN_OR_RETURN(const Node* node, Find(path, true));
  const bool device = node->info.kind == FileKind::kBlock && mode_ != RootMode::kDeadTree;
  if (node->info.kind != FileKind::kRegular && !device) {
    return absl::FailedPreconditionError(
        ToAbsl(path + ": not a regular file but a " + std::string(FileKindName(node->info.kind))));
  }
  if (bytes > kMaxRangeBytes) return absl::ResourceExhaustedError(ToAbsl(path + ": too much"));
  return offset >= node->content.size() ? "" : node->content.substr(offset, bytes);
}

absl::StatusOr<std::vector<std::string>> FakeEnv::ListDirectory(const std::string& path) {
  reads_.push_back(path);
  TOM_ASSIGN_OR_RETURN(const Node* node, Find(path, true));
  if (node->info.kind != FileKind::kDirectory) return ErrnoStatus(ENOTDIR, path);
  TOM_ASSIGN_OR_RETURN(const std::string real, Resolve(path, true));
  std::vector<std::string> names;
  for (const auto& [name, child] : nodes_) {
    if (name != "/" && Parent(name) == real) names.push_back(name.substr(name.rfind('/') + 1));
  }
  return names;
}

absl::StatusOr<FileInfo> FakeEnv::Stat(const std::string& path) {
  TOM_ASSIGN_OR_RETURN(const Node* node, Find(path, true));
  return node->info;
}

absl::StatusOr<FileInfo> FakeEnv::Lstat(const std::string& path) {
  TOM_ASSIGN_OR_RETURN(const Node* node, Find(path, false));
  return node->info;
}

absl::StatusOr<std::string> FakeEnv::ReadLink(const std::string& path) {
  TOM_ASSIGN_OR_RETURN(const Node* node, Find(path, false));
  if (node->info.kind != FileKind::kSymlink) return ErrnoStatus(EINVAL, path);
  return node->content;
}

absl::StatusOr<FileSystemInfo> FakeEnv::StatFs(const std::string& path) {
  TOM_RETURN_IF_ERROR(ErrorAt(path));
  for (std::string up = path;; up = Parent(up)) {
    const auto found = file_systems_.find(up);
    if (found != file_systems_.end()) return found->second;
    if (up == "/") return ErrnoStatus(ENOENT, path);
  }
}

absl::StatusOr<std::string> FakeEnv::FscryptPolicy(const std::string& path) {
  if (mode_ == RootMode::kDeadTree) {
    return absl::UnimplementedError(ToAbsl(path + ": only a live kernel knows its policy"));
  }
  TOM_ASSIGN_OR_RETURN(std::string at, Resolve(path, true));
  TOM_RETURN_IF_ERROR(Find(at, false).status());
  for (;; at = Parent(at)) {
    const auto found = policies_.find(at);
    if (found != policies_.end()) return found->second;
    if (at == "/") return std::string();
  }
}

absl::StatusOr<ProgramResult> FakeEnv::RunProgram(const ProgramRequest& request) {
  if (mode_ != RootMode::kLive && (request.opened.empty() || !ReadsRepositories(request.path))) {
    return absl::UnimplementedError(ToAbsl(request.path + ": not run under another root"));
  }
  TOM_RETURN_IF_ERROR(ErrorAt(request.path));
  for (const std::string& path : request.opened) TOM_RETURN_IF_ERROR(Find(path, true).status());
  std::string line = request.path;
  for (const std::string& argument : request.arguments) line += " " + argument;
  const auto found = programs_.find(line);
  if (found == programs_.end()) return ErrnoStatus(ENOENT, request.path);
  return found->second;
}

}  // namespace tom
