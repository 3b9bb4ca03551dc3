#include "checks/tables/ssh_key_files.h"

#include <sstream>

#include "checks/tables/touch_lists.h"

namespace tom {
namespace {

// False: a token that is not known.
bool Expand(const std::string& pattern, const PamSubject& subject, std::string& path) {
  path.clear();
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      path += pattern[i];
      continue;
    }
    const char token = ++i < pattern.size() ? pattern[i] : '\0';
    if (token == 'h') {
      path += subject.home;
    } else if (token == 'u') {
      path += subject.user;
    } else if (token == 'U') {
      path += std::to_string(subject.uid);
    } else if (token == '%') {
      path += '%';
    } else {
      return false;
    }
  }
  if (path.empty() || path[0] != '/') path = BelowHome(subject.home, path);
  return path[0] == '/';
}

}  // namespace

SshKeyFiles ReadSshKeyFiles(Env& env, const PamSubject& subject, const std::string& setting) {
  SshKeyFiles found;
  std::istringstream patterns(setting.empty() ? kDefaultKeyFiles : setting);
  for (std::string pattern; patterns >> pattern;) {
    if (pattern == "none") continue;
    std::string path;
    if (!subject.local || !Expand(pattern, subject, path)) {
      found.problems.push_back("AuthorizedKeysFile " + pattern + " is not understood");
      continue;
    }
    const auto info = env.Stat(path);
    if (absl::IsNotFound(info.status())) continue;
    const auto text = env.ReadFile(path, kMaxKeyFileBytes);
    if (!info.ok() || !text.ok()) {
      found.problems.emplace_back((info.ok() ? text.status() : info.status()).message());
      continue;
    }
    found.files.push_back({path, *info, ParseAuthorizedKeys(*text)});
  }
  return found;
}

}  // namespace tom
