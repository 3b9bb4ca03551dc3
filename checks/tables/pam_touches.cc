#include "checks/tables/pam_touches.h"

#include <algorithm>

#include "checks/tables/pam_service.h"
#include "checks/tables/pam_subjects.h"
#include "checks/tables/sshd_files.h"
#include "checks/tables/touch_lists.h"

namespace tom {
namespace {

constexpr char kRules[] = "PAM's stacks";
constexpr char kFactors[] = "second factors of logins";

// "${HOME}/x", "%h/x" and the like may be anywhere.
std::string Pattern(const std::string& path) {
  std::string pattern;
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '%' && i + 1 < path.size()) {
      pattern += "**";
      ++i;
    } else if (path[i] == '$') {
      pattern += "**";
      if (i + 1 < path.size() && path[i + 1] == '{') i = std::min(path.find('}', i), path.size());
    } else {
      pattern += path[i];
    }
  }
  return pattern[0] == '/' ? pattern : "**" + pattern;
}

void AddArguments(const std::vector<PamHandler>& stack, std::vector<Touch>& touches) {
  for (const PamHandler& handler : stack) {
    if (!handler.line.module.empty() && handler.line.module[0] == '/')
      Append(touches, PathTouches(handler.line.module, kFactors));
    for (const std::string& argument : handler.line.arguments) {
      const std::string value = argument.substr(argument.find('=') + 1);
      if (value.find('/') != std::string::npos)
        touches.push_back({TouchKind::kFile, Pattern(value), kFactors});
    }
  }
}

}  // namespace

std::vector<Touch> PamRuleTouches(Env& env) {
  std::vector<Touch> touches =
      FileTouches({"/etc/pam.d", "/etc/pam.d/**", "/usr/lib/pam.d", "/usr/lib/pam.d/**",
                   "/etc/pam.conf", "/etc/security/pam_duo.conf"},
                  kRules);
  std::vector<std::string> problems;
  PamFiles files(env);
  for (const std::string& service : PamServiceNames(env, problems)) {
    const PamService loaded = files.Load(service);
    for (const std::string& path : loaded.files) Append(touches, PathTouches(path, kRules));
    for (const auto& [type, stack] : loaded.stacks) {
      for (const PamHandler& handler : stack) {
        for (const std::string& argument : handler.line.arguments) {
          if (argument.starts_with("conf=/"))
            touches.push_back({TouchKind::kFile, argument.substr(5), kRules});
        }
      }
    }
  }
  return touches;
}

std::vector<Touch> SshKeyTouches(Env& env) {
  std::vector<Touch> touches;
  const PamSubjects subjects(env);
  std::vector<std::string> patterns = {".ssh/authorized_keys", ".ssh/authorized_keys2"};
  if (const auto sshd = LoadSshdFiles(env); sshd.ok()) {
    for (const SshdFile& file : sshd->tree.files) {
      for (const SshdLine& line : file.lines) {
        if (line.keyword->canonical != std::string("authorizedkeysfile")) continue;
        patterns.insert(patterns.end(), line.arguments.begin(), line.arguments.end());
      }
    }
  }
  for (const std::string& pattern : patterns) {
    if (!pattern.empty() && (pattern[0] == '/' || pattern[0] == '%')) {
      touches.push_back({TouchKind::kFile, Pattern(pattern), "SSH keys of accounts"});
      continue;
    }
    for (const PasswdEntry& entry : subjects.entries())
      touches.push_back({TouchKind::kFile, BelowHome(entry.directory, Pattern(pattern).substr(2)),
                         "SSH keys of accounts"});
  }
  return touches;
}

std::vector<Touch> PamTouches(Env& env, const std::vector<std::string>& services) {
  std::vector<Touch> touches = PamRuleTouches(env);
  Append(touches, AccountTouches());
  Append(touches, FileTouches({"/etc/shadow",
                               "/etc/login.defs",
                               "/etc/shells",
                               "/etc/securetty",
                               "/etc/security/**",
                               "/etc/nologin",
                               "/var/run/nologin",
                               "/run/nologin",
                               "/lib",
                               "/lib/*/security",
                               "/lib/security",
                               "/lib64/security",
                               "/usr/lib",
                               "/usr/lib/*/security",
                               "/usr/lib/security",
                               "/usr/lib64/security",
                               "/lib/*",
                               "/usr/lib/*",
                               "/lib64",
                               "/usr/lib64",
                               "/usr",
                               "/lib/*/security/*",
                               "/lib/security/*",
                               "/lib64/security/*",
                               "/usr/lib/*/security/*",
                               "/usr/lib/security/*",
                               "/usr/lib64/security/*"},
                              kFactors));
  PamFiles files(env);
  for (const std::string& service : services) {
    const PamService loaded = files.Load(service);
    for (const auto& [type, stack] : loaded.stacks) AddArguments(stack, touches);
  }
  const PamSubjects subjects(env);
  for (const PasswdEntry& entry : subjects.entries()) {
    for (const char* secret : {"/.google_authenticator", "/.config/Yubico/u2f_keys"})
      touches.push_back({TouchKind::kFile, entry.directory + secret, kFactors});
  }
  Append(touches, SshKeyTouches(env));
  return touches;
}

}  // namespace tom
