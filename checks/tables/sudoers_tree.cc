#include "checks/tables/sudoers_tree.h"

#include <algorithm>
#include <utility>

#include "checks/parse/ascii_words.h"
#include "checks/parse/nsswitch.h"

namespace tom {
namespace {

constexpr size_t kMaxFiles = 20000;
constexpr size_t kMaxBytes = 32 << 20;
constexpr size_t kMaxOneFile = 16 << 20;
constexpr size_t kMaxDepth = 128;
constexpr size_t kMaxIncomplete = 100;

// Why sudo passes over what has this owner and mode; "" where it does not.
std::string Refusal(const FileInfo& info, FileKind kind) {
  if (info.kind != kind) {
    return std::string("is a ").append(FileKindName(info.kind));
  }
  if (info.uid != 0) return "belongs to user id " + std::to_string(info.uid);
  if ((info.mode & 0002) != 0) return "every user may write to it";
  if ((info.mode & 0020) != 0 && info.gid != 0) {
    return "group id " + std::to_string(info.gid) + " may write to it";
  }
  return "";
}

// The words of each line, up to a comment; lines without any are left out.
std::vector<std::vector<std::string_view>> LinesOfWords(std::string_view text) {
  std::vector<std::vector<std::string_view>> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    auto words = WordsOf(line.substr(0, line.find('#')), " \t\r");
    if (!words.empty()) lines.push_back(std::move(words));
  }
  return lines;
}

class Loader {
 public:
  Loader(Env& env, const HostNames& host)
      : env_(env), host_name_(host.full.empty() ? host.name : host.full) {
    sure_of_host_ = !host.full.empty();
  }

  SudoersTree Run() {
    const auto info = env_.Stat(kSudoersPath);
    tree_.present = !absl::IsNotFound(info.status());
    if (tree_.present) File(kSudoersPath, true);
    OtherSources();
    Front();
    Doas();
    return std::move(tree_);
  }

 private:
  void Incomplete(std::string reason) {
    if (tree_.incomplete.size() < kMaxIncomplete) tree_.incomplete.push_back(std::move(reason));
  }

  // `named`: by the configuration itself, which makes its absence an error.
  void File(const std::string& path, bool named) {
    if (++files_ > kMaxFiles || bytes_ > kMaxBytes) {
      if (!over_) Incomplete("more than 20,000 sudoers files or 32 MiB of them");
      over_ = true;
      return;
    }
    if (std::find(stack_.begin(), stack_.end(), path) != stack_.end()) {
      SudoersSource loop;
      loop.path = path;
      loop.unread = path + " is included by itself";
      Incomplete(loop.unread);
      tree_.sources.push_back(std::move(loop));
      return;
    }
    const auto info = env_.Stat(path);
    if (absl::IsNotFound(info.status()) && !named) return;
    const size_t index = tree_.sources.size();
    SudoersSource source;
    source.path = path;
    if (!info.ok()) {
      source.unread = std::string(info.status().message());
    } else {
      if (info->kind != FileKind::kRegular && !named) return;
      source.known = true;
      source.uid = info->uid;
      source.gid = info->gid;
      source.mode = info->mode;
      source.refused = Refusal(*info, FileKind::kRegular);
    }
    // In a dead tree an owner says who unpacked it: its rules are read all the same.
    const bool read = info.ok() && info->kind == FileKind::kRegular &&
                      (source.refused.empty() || env_.mode() == RootMode::kDeadTree);
    if (read) {
      auto text = env_.ReadFile(path, kMaxOneFile);
      if (text.ok()) {
        source.text = *std::move(text);
      } else {
        source.unread = std::string(text.status().message());
      }
    }
    if (!source.unread.empty()) Incomplete(source.unread);
    bytes_ += source.text.size();
    const std::string text = source.text;
    tree_.sources.push_back(std::move(source));
    if (!text.empty()) Take(index, path, text);
  }

  void Take(size_t index, const std::string& path, const std::string& text) {
    SudoersFile file = ParseSudoers(text);
    tree_.sources[index].rules = file.user_specs.size();
    for (SudoAlias& alias : file.aliases) {
      const auto key = std::make_pair(alias.kind, alias.name);
      if (tree_.policy.aliases.contains(key)) {
        file.problems.push_back({alias.line, "alias " + alias.name + " is defined twice"});
      } else {
        tree_.policy.aliases[key] = std::move(alias);
      }
    }
    stack_.push_back(path);
    for (const auto& [entry, at] : file.order) {
      if (entry == SudoersFile::Entry::kUserSpec) {
        tree_.policy.user_specs.push_back({std::move(file.user_specs[at]), path});
      } else if (entry == SudoersFile::Entry::kDefault) {
        tree_.policy.defaults.push_back(std::move(file.defaults[at]));
      } else {
        Include(path, file.includes[at], file.problems);
      }
    }
    stack_.pop_back();
    for (const SudoersProblem& problem : file.problems) {
      Incomplete(path + " line " + std::to_string(problem.line) + ": " + problem.text);
    }
    tree_.sources[index].problems = std::move(file.problems);
  }

  void Include(const std::string& from, const SudoInclude& include,
               std::vector<SudoersProblem>& problems) {
    std::string path = include.path;
    if (path[0] != '/') path.insert(0, from, 0, from.rfind('/') + 1);
    for (size_t at = path.find("%h"); at != std::string::npos; at = path.find("%h", at)) {
      if (host_name_.empty()) {
        problems.push_back({include.line, "%h in an include: the host's name is not known"});
        return;
      }
      if (!sure_of_host_)
        Incomplete("an include names the host by %h, and its full name is not known");
      const std::string label = host_name_.substr(0, host_name_.find('.'));
      path.replace(at, 2, label);
      at += label.size();
    }
    if (stack_.size() > kMaxDepth) {
      problems.push_back({include.line, "includes in more than 128 steps"});
    } else if (include.directory) {
      Directory(path);
    } else {
      const size_t index = tree_.sources.size();
      File(path, true);
      if (index < tree_.sources.size() && !tree_.sources[index].known) {
        problems.push_back({include.line, "an include that cannot be read"});
      }
    }
  }

  void Directory(std::string path) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    const auto info = env_.Stat(path);
    if (absl::IsNotFound(info.status())) return;
    if (!info.ok()) return Incomplete(std::string(info.status().message()));
    const std::string refusal = Refusal(*info, FileKind::kDirectory);
    if (!refusal.empty()) {
      SudoersSource source;
      source.path = path;
      source.known = true;
      source.uid = info->uid;
      source.gid = info->gid;
      source.mode = info->mode;
      source.refused = refusal;
      tree_.sources.push_back(std::move(source));
      if (env_.mode() != RootMode::kDeadTree || info->kind != FileKind::kDirectory) return;
    }
    const auto names = env_.ListDirectory(path);
    if (!names.ok()) return Incomplete(std::string(names.status().message()));
    for (const std::string& name : *names) {
      if (name.back() == '~' || name.find('.') != std::string::npos) continue;
      File(path + "/" + name, false);
    }
  }

  // Where else sudo looks for rules (nsswitch.conf, sudoers of LDAP and SSSD).
  void OtherSources() {
    const auto text = env_.ReadFile("/etc/nsswitch.conf", 1 << 20);
    if (absl::IsNotFound(text.status())) return;
    if (!text.ok()) return Incomplete(std::string(text.status().message()));
    for (const std::string& service : NameServices(*text, "sudoers")) {
      if (service == "files") continue;
      Incomplete("sudo's rules also come from " + service.substr(0, 40) + ", which is not read");
    }
  }

  // sudo.conf(5) may put another policy, or other files, in the place of sudoers.
  void Front() {
    const auto text = env_.ReadFile("/etc/sudo.conf", 1 << 20);
    if (absl::IsNotFound(text.status())) return;
    if (!text.ok()) return Incomplete(std::string(text.status().message()));
    std::string_view rest = *text;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      const auto words = WordsOf(rest.substr(0, end), " \t\r");
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (words.empty() || !EqualsNoCase(words[0], "Plugin")) continue;
      const bool own = words.size() == 3 && words[2].ends_with("sudoers.so");
      if (!own) Incomplete("/etc/sudo.conf names a plugin, or arguments of one, that is not read");
    }
  }

  // The other program of this kind in Debian.
  void Doas() {
    const auto info = env_.Stat("/etc/doas.conf");
    if (absl::IsNotFound(info.status())) return;
    if (!info.ok()) return Incomplete(std::string(info.status().message()));
    if (info->size > 0) Incomplete("/etc/doas.conf grants rights too, and is not read");
  }

  Env& env_;
  const std::string host_name_;
  SudoersTree tree_;
  std::vector<std::string> stack_;
  size_t files_ = 0;
  size_t bytes_ = 0;
  bool over_ = false;
  bool sure_of_host_ = false;
};

}  // namespace

SudoersTree LoadSudoers(Env& env, const HostNames& host) { return Loader(env, host).Run(); }

HostNames ReadHostNames(Env& env) {
  HostNames names;
  for (const char* path : {"/proc/sys/kernel/hostname", "/etc/hostname"}) {
    const auto text = env.ReadFile(path, 4096);
    if (!text.ok()) continue;
    for (const auto& words : LinesOfWords(*text)) {
      if (names.name.empty()) names.name = std::string(words[0]);
    }
  }
  const auto hosts = env.ReadFile("/etc/hosts", 1 << 20);
  if (!hosts.ok() || names.name.empty()) return names;
  for (const auto& words : LinesOfWords(*hosts)) {
    for (size_t i = 1; i < words.size(); ++i) {
      if (names.full.empty() && EqualsNoCase(words[i], names.name)) {
        names.full = std::string(words[1]);
      }
    }
  }
  return names;
}

}  // namespace tom
