#include "checks/tables/sshd_files.h"

#include "checks/tables/env_glob.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kMainFile[] = "/etc/ssh/sshd_config";

class Loader {
 public:
  explicit Loader(Env& env) : env_(env) {}

  absl::StatusOr<SshdFiles> Load() {
    TOM_ASSIGN_OR_RETURN(const std::string text, env_.ReadFile(kMainFile, kMaxSshdFileBytes));
    TOM_RETURN_IF_ERROR(AddFile(kMainFile, text));
    // Each selector once, as sshd's own cache has it; files_ grows while it is walked.
    for (size_t i = 0; i < out_.tree.files.size(); ++i) {
      const std::vector<SshdLine> lines = out_.tree.files[i].lines;
      for (const SshdLine& line : lines) {
        if (line.keyword->kind != SshdKind::kInclude) continue;
        for (const std::string& argument : line.arguments) {
          TOM_RETURN_IF_ERROR(AddSelector(SshdSelector(argument)));
        }
      }
    }
    return std::move(out_);
  }

 private:
  absl::Status AddFile(const std::string& path, std::string_view text) {
    TOM_ASSIGN_OR_RETURN(std::vector<SshdLine> lines, ParseSshdLines(text, path));
    out_.tree.files.push_back({path, std::move(lines)});
    return absl::OkStatus();
  }

  absl::Status AddSelector(const std::string& selector) {
    if (out_.tree.includes.count(selector) != 0) return absl::OkStatus();
    out_.tree.includes[selector] = {};
    if (selector[0] == '~') {
      out_.problems.push_back("an Include names a path that starts with ~, which is not read");
      return absl::OkStatus();
    }
    const GlobResult found = ExpandGlob(env_, selector);
    out_.problems.insert(out_.problems.end(), found.problems.begin(), found.problems.end());
    for (const std::string& path : found.paths) {
      if (out_.tree.files.size() >= kMaxSshdFiles) {
        return absl::ResourceExhaustedError("sshd's configuration includes too many files");
      }
      TOM_RETURN_IF_ERROR(Include(selector, path));
    }
    return absl::OkStatus();
  }

  absl::Status Include(const std::string& selector, const std::string& path) {
    const auto info = env_.Stat(path);
    if (info.ok() && info->kind == FileKind::kDirectory)
      return absl::OkStatus();  // sshd reads nothing of it
    const auto text = env_.ReadFile(path, kMaxSshdFileBytes);
    if (absl::IsNotFound(text.status())) return BadData(path + ": an Include leads nowhere");
    if (!text.ok()) {
      out_.problems.emplace_back(text.status().message());
      return absl::OkStatus();
    }
    out_.tree.includes[selector].push_back(out_.tree.files.size());
    return AddFile(path, *text);
  }

  Env& env_;
  SshdFiles out_;
};

// "-o" or "-f" as a word's beginning.
bool GivesOptions(const std::string& command) {
  for (const char* option :
       {" -o", " -f", "\t-o", "\t-f", "\"-o", "\"-f", "'-o", "'-f", "=-o", "=-f"}) {
    if (command.find(option) != std::string::npos) return true;
  }
  return false;
}

// Lines that start with `key`, without it, blanks and quotes at their ends as they are.
std::vector<std::string> ValuesOf(const std::string& text, const std::string& key) {
  std::vector<std::string> values;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    const size_t first = text.find_first_not_of(" \t", start);
    if (first < end && text.compare(first, key.size(), key) == 0) {
      values.push_back("=" + text.substr(first + key.size(), end - first - key.size()));
    }
    start = end + 1;
  }
  return values;
}

void CheckStartFile(Env& env, const std::string& path, const std::string& key,
                    std::vector<std::string>& problems) {
  const auto text = env.ReadFile(path, kMaxSshdFileBytes);
  if (absl::IsNotFound(text.status())) return;
  if (!text.ok()) return problems.emplace_back(text.status().message()), void();
  for (const std::string& value : ValuesOf(*text, key)) {
    if (GivesOptions(value)) problems.push_back(path + " starts sshd with options of its own");
  }
}

void CheckUnits(Env& env, std::vector<std::string>& problems) {
  for (const char* root : {"/etc/systemd/system/", "/run/systemd/system/",
                           "/usr/lib/systemd/system/", "/lib/systemd/system/"}) {
    for (const char* unit : {"ssh.service", "sshd.service", "ssh@.service", "sshd@.service"}) {
      CheckStartFile(env, std::string(root) + unit, "ExecStart=", problems);
      const GlobResult parts = ExpandGlob(env, std::string(root) + unit + ".d/*.conf");
      problems.insert(problems.end(), parts.problems.begin(), parts.problems.end());
      for (const std::string& part : parts.paths) {
        CheckStartFile(env, part, "ExecStart=", problems);
        CheckStartFile(env, part, "Environment=", problems);
      }
    }
  }
}

bool IsNumber(const std::string& name) {
  return name.find_first_not_of("0123456789") == std::string::npos;
}

// A listener writes its arguments into its title: "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100
// startups".
void CheckProcesses(Env& env, std::vector<std::string>& problems) {
  const auto names = env.ListDirectory("/proc");
  if (!names.ok()) {
    if (!absl::IsNotFound(names.status())) problems.emplace_back(names.status().message());
    return;
  }
  for (const std::string& name : *names) {
    if (!IsNumber(name)) continue;
    const auto comm = env.ReadFile("/proc/" + name + "/comm", 4096);
    if (!comm.ok() || *comm != "sshd\n") continue;
    auto title = env.ReadFile("/proc/" + name + "/cmdline", 1 << 16);
    if (!title.ok()) continue;
    for (char& c : *title) c = c == '\0' ? ' ' : c;
    const bool listener = title->find("[listener]") != std::string::npos || (*title)[0] == '/';
    if (listener && GivesOptions(*title)) {
      problems.push_back("a running sshd was started with options of its own");
    }
  }
}

}  // namespace

absl::StatusOr<SshdFiles> LoadSshdFiles(Env& env) { return Loader(env).Load(); }

std::vector<std::string> SshdStartProblems(Env& env) {
  std::vector<std::string> problems;
  CheckStartFile(env, "/etc/default/ssh", "SSHD_OPTS=", problems);
  CheckStartFile(env, "/etc/sysconfig/sshd", "OPTIONS=", problems);
  CheckUnits(env, problems);
  CheckProcesses(env, problems);
  for (const char* other : {"/usr/local/sbin/sshd", "/usr/sbin/dropbear", "/usr/sbin/tinysshd"}) {
    const auto info = env.Stat(other);
    if (info.ok())
      problems.push_back(std::string(other) + " is installed, whose logins are not examined");
    if (!info.ok() && !absl::IsNotFound(info.status()))
      problems.emplace_back(info.status().message());
  }
  return problems;
}

absl::StatusOr<bool> SshdInstalled(Env& env) {
  for (const char* path : {"/usr/sbin/sshd", "/usr/bin/sshd", "/sbin/sshd"}) {
    const auto info = env.Stat(path);
    if (info.ok()) return true;
    if (!absl::IsNotFound(info.status())) return info.status();
  }
  return false;
}

}  // namespace tom
