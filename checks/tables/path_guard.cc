#include "checks/tables/path_guard.h"

#include "checks/tables/config_files.h"
#include "checks/tables/path_reach.h"
#include "evidence/status_text.h"

namespace tom {

absl::StatusOr<std::string> PathGuard::Of(const std::string& path, uint32_t owner, bool directory) {
  TOM_ASSIGN_OR_RETURN(const FileInfo info, env_.Stat(path));
  if (info.uid != 0 && info.uid != owner)
    return path + " belongs to user id " + std::to_string(info.uid);
  const bool sticky = directory && (info.mode & 01000) != 0;
  if ((info.mode & 0002) != 0 && !sticky) return path + " may be written by every user";
  if ((info.mode & 0020) != 0 && !sticky)
    return path + " may be written by group id " + std::to_string(info.gid);
  return std::string();
}

absl::StatusOr<std::string> PathGuard::OfDirectories(const std::string& path, uint32_t owner) {
  for (size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string folder = slash == 0 ? "/" : path.substr(0, slash);
    const auto key = std::make_pair(folder, owner);
    const auto known = known_.find(key);
    if (known == known_.end()) {
      TOM_ASSIGN_OR_RETURN(std::string weakness, Of(folder, owner, true));
      known_[key] = std::move(weakness);
    }
    if (!known_[key].empty()) return known_[key];
  }
  return std::string();
}

absl::StatusOr<std::string> PathGuard::Weakness(const std::string& path, uint32_t owner) {
  TOM_ASSIGN_OR_RETURN(const std::string real, RealPath(env_, path));
  for (const std::string* one : {&path, &real}) {
    TOM_ASSIGN_OR_RETURN(std::string weakness, OfDirectories(*one, owner));
    if (!weakness.empty()) return weakness;
    if (path == real) break;
  }
  return Of(real, owner, false);
}

}  // namespace tom
