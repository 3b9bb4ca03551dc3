#include "checks/tables/drop_ins.h"

#include <map>

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr int kMaxLinks = 40;

// An absolute path without "." and "..".
std::string Lexical(const std::string& path) {
  std::vector<std::string> names;
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    std::string name = path.substr(at, end - at);
    at = end + 1;
    if (name == ".." && !names.empty()) names.pop_back();
    if (!name.empty() && name != "." && name != "..") names.push_back(std::move(name));
  }
  return "/" + JoinWords(names, "/");
}

}  // namespace

absl::StatusOr<std::string> EndOfLinks(Env& env, const std::string& path) {
  std::string at = path;
  for (int i = 0; i < kMaxLinks; ++i) {
    const auto info = env.Lstat(at);
    if (absl::IsNotFound(info.status())) return at;
    if (!info.ok()) return info.status();
    if (info->kind != FileKind::kSymlink) return at;
    TOM_ASSIGN_OR_RETURN(const std::string target, env.ReadLink(at));
    at = Lexical(InFolder(FolderOf(at), target));
  }
  return absl::FailedPreconditionError(ToAbsl(path + ": a loop of links"));
}

absl::StatusOr<bool> IsMasked(Env& env, const std::string& path) {
  TOM_ASSIGN_OR_RETURN(const std::string end, EndOfLinks(env, path));
  if (end == "/dev/null") return true;
  TOM_ASSIGN_OR_RETURN(const FileInfo info, env.Stat(path));
  return info.kind == FileKind::kRegular && info.size == 0;
}

std::vector<DropIn> ListDropIns(ConfigFiles& files, const std::vector<std::string>& folders,
                                const std::string& suffix) {
  std::map<std::string, std::string> chosen;  // name -> path
  for (const std::string& folder : folders) {
    const auto names = files.env().ListDirectory(folder);
    if (!names.ok()) {
      if (!absl::IsNotFound(names.status())) files.Problem(names.status());
      continue;
    }
    for (const std::string& name : *names) {
      if (name.size() < suffix.size() || !name.ends_with(suffix) || name[0] == '.') continue;
      chosen.emplace(name, folder + "/" + name);
    }
  }
  std::vector<DropIn> found;
  found.reserve(std::min(chosen.size(), ConfigFiles::kMaxFiles));
  for (auto& [name, path] : chosen) {
    if (found.size() == ConfigFiles::kMaxFiles) {
      files.Problem(folders.front() + ": more than 2,000 files");
      break;
    }
    const auto masked = IsMasked(files.env(), path);
    const bool nowhere = absl::IsNotFound(masked.status());
    if (!masked.ok() && !nowhere) files.Problem(masked.status());
    found.push_back({std::move(path), nowhere || (masked.ok() && *masked)});
  }
  return found;
}

}  // namespace tom
