#include "checks/tables/path_reach.h"

#include <algorithm>
#include <vector>

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr int kMaxLinks = 40;  // as the kernel, path_resolution(7)
constexpr size_t kMaxRemembered = 20000;

// The names of `path`, pushed so that the first one is taken from the back first.
void Push(const std::string& path, std::vector<std::string>& left) {
  std::vector<std::string> names;
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    if (end > at) names.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  left.insert(left.end(), names.rbegin(), names.rend());
}

std::string Parent(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

absl::StatusOr<std::string> RealPath(Env& env, const std::string& path) {
  std::vector<std::string> left;
  Push(path, left);
  std::string at;
  int links = 0;
  while (!left.empty()) {
    const std::string name = left.back();
    left.pop_back();
    if (name == ".") continue;
    if (name == "..") {
      at = at.substr(0, at.empty() ? 0 : at.rfind('/'));
      continue;
    }
    const std::string next = at + "/" + name;
    TOM_ASSIGN_OR_RETURN(const FileInfo info, env.Lstat(next));
    if (info.kind != FileKind::kSymlink) {
      at = next;
      continue;
    }
    if (++links > kMaxLinks) {
      return absl::FailedPreconditionError(ToAbsl(path + ": more than 40 links"));
    }
    TOM_ASSIGN_OR_RETURN(const std::string target, env.ReadLink(next));
    if (!target.empty() && target[0] == '/') at.clear();
    Push(target, left);
  }
  return at.empty() ? "/" : at;
}

std::optional<bool> PathReach::OthersPass(const std::string& real_directory) {
  const auto known = passes_.find(real_directory);
  if (known != passes_.end()) return known->second;
  std::optional<bool> passes = true;
  if (real_directory != "/") passes = OthersPass(Parent(real_directory));
  if (passes == true) {
    const auto info = env_.Stat(real_directory);
    passes = info.ok() ? std::optional<bool>((info->mode & 1) != 0) : std::nullopt;
  }
  if (passes_.size() < kMaxRemembered) passes_[real_directory] = passes;
  return passes;
}

std::optional<bool> PathReach::OthersReach(const std::string& path) {
  const auto info = env_.Lstat(path);
  if (!info.ok()) return std::nullopt;
  if (info->kind == FileKind::kSymlink) {
    const auto real = RealPath(env_, path);
    return real.ok() ? OthersPass(Parent(*real)) : std::nullopt;
  }
  const std::string directory = Parent(path);
  const auto known = real_.find(directory);
  if (known != real_.end()) return known->second.empty() ? std::nullopt : OthersPass(known->second);
  const auto real = RealPath(env_, directory);
  if (real_.size() < kMaxRemembered) real_[directory] = real.ok() ? *real : "";
  return real.ok() ? OthersPass(*real) : std::nullopt;
}

}  // namespace tom
