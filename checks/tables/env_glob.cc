#include "checks/tables/env_glob.h"

#include <fnmatch.h>

#include <algorithm>

namespace tom {
namespace {

std::vector<std::string> Components(const std::string& pattern) {
  std::vector<std::string> parts;
  for (size_t start = 0; start < pattern.size();) {
    const size_t end = std::min(pattern.find('/', start), pattern.size());
    if (end > start) parts.push_back(pattern.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

class Expansion {
 public:
  explicit Expansion(Env& env) : env_(env) {}

  GlobResult Run(const std::string& pattern) {
    std::vector<std::string> heads = {""};
    for (const std::string& part : Components(pattern)) {
      std::vector<std::string> longer;
      for (const std::string& head : heads) Extend(head, part, longer);
      heads = std::move(longer);
    }
    for (const std::string& path : heads) KeepExisting(path);
    std::sort(result_.paths.begin(), result_.paths.end());
    return std::move(result_);
  }

 private:
  void Extend(const std::string& head, const std::string& part, std::vector<std::string>& longer) {
    if (!HasGlobCharacters(part)) {
      longer.push_back(head + "/" + part);
      return;
    }
    const auto names = env_.ListDirectory(head.empty() ? "/" : head);
    if (absl::IsNotFound(names.status())) return;
    if (!names.ok()) return result_.problems.emplace_back(names.status().message()), void();
    for (const std::string& name : *names) {
      if (fnmatch(part.c_str(), name.c_str(), FNM_PERIOD) != 0) continue;
      if (longer.size() >= kMaxGlobMatches) {
        result_.problems.push_back(head + ": more names match than the bound allows");
        return;
      }
      longer.push_back(head + "/" + name);
    }
  }

  void KeepExisting(const std::string& path) {
    const auto info = env_.Lstat(path);
    if (info.ok()) {
      result_.paths.push_back(path);
    } else if (!absl::IsNotFound(info.status())) {
      result_.problems.emplace_back(info.status().message());
    }
  }

  Env& env_;
  GlobResult result_;
};

}  // namespace

bool HasGlobCharacters(const std::string& pattern) {
  return pattern.find_first_of("*?[\\") != std::string::npos;
}

GlobResult ExpandGlob(Env& env, const std::string& pattern) { return Expansion(env).Run(pattern); }

}  // namespace tom
