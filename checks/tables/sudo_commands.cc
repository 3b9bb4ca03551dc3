#include "checks/tables/sudo_commands.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "checks/parse/ascii_words.h"
#include "checks/tables/path_reach.h"

namespace tom {

// What a program opens up, by its own manual page in Debian 12, read in November 2026.
enum class SudoCommands::Opens {
  kAlways,       // starts a shell or other commands when asked on its terminal, or edits any file
  kScript,       // a shell or interpreter: harmless only with a fixed script that nobody can change
  kFixedIsFine,  // one bounded thing where its arguments are fixed
  kFixedIsUnknown,  // even then it takes a person to say what it does
};

struct SudoCommands::Program {
  std::string_view program;
  Opens opens;
  std::string_view what;
};

namespace {

using Opens = SudoCommands::Opens;
using SudoEscape = SudoCommands::Program;

constexpr SudoEscape kEscapes[] = {
    {"ansible", Opens::kFixedIsUnknown, "runs commands"},
    {"ansible-playbook", Opens::kFixedIsUnknown, "runs commands"},
    {"apt", Opens::kFixedIsUnknown, "installs packages, whose scripts run as root"},
    {"apt-get", Opens::kFixedIsUnknown, "installs packages, whose scripts run as root"},
    {"aptitude", Opens::kAlways, "starts a shell"},
    {"ash", Opens::kScript, "a shell"},
    {"at", Opens::kFixedIsUnknown, "runs commands"},
    {"awk", Opens::kScript, "an interpreter"},
    {"bash", Opens::kScript, "a shell"},
    {"batch", Opens::kFixedIsUnknown, "runs commands"},
    {"busybox", Opens::kAlways, "a shell"},
    {"cat", Opens::kFixedIsFine, "reads any file"},
    {"chgrp", Opens::kFixedIsUnknown, "gives files away"},
    {"chmod", Opens::kFixedIsUnknown, "opens files, or sets the set-user-id bit"},
    {"chown", Opens::kFixedIsUnknown, "gives files away"},
    {"chroot", Opens::kFixedIsUnknown, "runs commands"},
    {"cp", Opens::kFixedIsUnknown, "writes any file"},
    {"cpio", Opens::kFixedIsUnknown, "writes any file"},
    {"crontab", Opens::kAlways, "sets jobs of root"},
    {"csh", Opens::kScript, "a shell"},
    {"ctr", Opens::kFixedIsUnknown, "starts containers"},
    {"curl", Opens::kFixedIsUnknown, "writes any file"},
    {"dash", Opens::kScript, "a shell"},
    {"dd", Opens::kFixedIsUnknown, "writes any file or device"},
    {"debugfs", Opens::kFixedIsUnknown, "writes to file systems"},
    {"doas", Opens::kAlways, "runs commands"},
    {"docker", Opens::kFixedIsUnknown, "starts containers"},
    {"docker-compose", Opens::kFixedIsUnknown, "starts containers"},
    {"dpkg", Opens::kFixedIsUnknown, "installs packages, whose scripts run as root"},
    {"dpkg-reconfigure", Opens::kFixedIsUnknown, "runs scripts of packages"},
    {"ed", Opens::kAlways, "an editor"},
    {"emacs", Opens::kAlways, "an editor"},
    {"env", Opens::kFixedIsUnknown, "runs commands"},
    {"ex", Opens::kAlways, "an editor"},
    {"expect", Opens::kScript, "an interpreter"},
    {"find", Opens::kFixedIsUnknown, "runs commands"},
    {"fish", Opens::kScript, "a shell"},
    {"flock", Opens::kFixedIsUnknown, "runs commands"},
    {"ftp", Opens::kAlways, "starts a shell"},
    {"gawk", Opens::kScript, "an interpreter"},
    {"gdb", Opens::kAlways, "runs commands"},
    {"git", Opens::kAlways, "starts a pager, an editor and hooks"},
    {"gpasswd", Opens::kFixedIsUnknown, "changes groups"},
    {"head", Opens::kFixedIsFine, "reads any file"},
    {"install", Opens::kFixedIsUnknown, "writes any file"},
    {"ionice", Opens::kFixedIsUnknown, "runs commands"},
    {"ip", Opens::kFixedIsFine, "runs commands (netns exec)"},
    {"joe", Opens::kAlways, "an editor"},
    {"journalctl", Opens::kAlways, "starts a pager"},
    {"ksh", Opens::kScript, "a shell"},
    {"kubectl", Opens::kFixedIsUnknown, "starts containers"},
    {"less", Opens::kAlways, "a pager, which starts a shell"},
    {"ln", Opens::kFixedIsUnknown, "puts links over any file"},
    {"logsave", Opens::kFixedIsUnknown, "runs commands"},
    {"ltrace", Opens::kFixedIsUnknown, "runs commands"},
    {"lua", Opens::kScript, "an interpreter"},
    {"lxc", Opens::kFixedIsUnknown, "starts containers"},
    {"machinectl", Opens::kAlways, "starts a shell"},
    {"make", Opens::kFixedIsUnknown, "runs commands"},
    {"man", Opens::kAlways, "starts a pager"},
    {"mawk", Opens::kScript, "an interpreter"},
    {"mcedit", Opens::kAlways, "an editor"},
    {"more", Opens::kAlways, "a pager, which starts a shell"},
    {"mount", Opens::kFixedIsFine, "puts files in the place of others"},
    {"most", Opens::kAlways, "a pager, which starts a shell"},
    {"mv", Opens::kFixedIsUnknown, "writes any file"},
    {"mysql", Opens::kAlways, "starts a shell"},
    {"mariadb", Opens::kAlways, "starts a shell"},
    {"nano", Opens::kAlways, "an editor"},
    {"nc", Opens::kFixedIsUnknown, "runs commands"},
    {"ncat", Opens::kFixedIsUnknown, "runs commands"},
    {"newgrp", Opens::kAlways, "starts a shell"},
    {"nice", Opens::kFixedIsUnknown, "runs commands"},
    {"nmap", Opens::kFixedIsFine, "runs scripts"},
    {"node", Opens::kScript, "an interpreter"},
    {"nodejs", Opens::kScript, "an interpreter"},
    {"nohup", Opens::kFixedIsUnknown, "runs commands"},
    {"nsenter", Opens::kFixedIsUnknown, "runs commands"},
    {"openssl", Opens::kFixedIsFine, "writes any file"},
    {"passwd", Opens::kFixedIsFine, "sets root's password"},
    {"perl", Opens::kScript, "an interpreter"},
    {"pg", Opens::kAlways, "a pager, which starts a shell"},
    {"php", Opens::kScript, "an interpreter"},
    {"pico", Opens::kAlways, "an editor"},
    {"pip", Opens::kFixedIsUnknown, "runs scripts"},
    {"pip3", Opens::kFixedIsUnknown, "runs scripts"},
    {"pkexec", Opens::kAlways, "runs commands"},
    {"podman", Opens::kFixedIsUnknown, "starts containers"},
    {"psql", Opens::kAlways, "starts a shell"},
    {"python", Opens::kScript, "an interpreter"},
    {"python3", Opens::kScript, "an interpreter"},
    {"rbash", Opens::kScript, "a shell"},
    {"rlwrap", Opens::kFixedIsUnknown, "runs commands"},
    {"rsync", Opens::kFixedIsUnknown, "runs commands"},
    {"ruby", Opens::kScript, "an interpreter"},
    {"run-parts", Opens::kFixedIsUnknown, "runs commands"},
    {"runuser", Opens::kAlways, "runs commands"},
    {"rvim", Opens::kAlways, "an editor"},
    {"rview", Opens::kAlways, "an editor"},
    {"scp", Opens::kFixedIsUnknown, "runs commands"},
    {"screen", Opens::kAlways, "starts a shell"},
    {"script", Opens::kAlways, "starts a shell"},
    {"sed", Opens::kFixedIsUnknown, "runs commands and writes any file"},
    {"setarch", Opens::kFixedIsUnknown, "runs commands"},
    {"setfacl", Opens::kFixedIsUnknown, "opens files"},
    {"setpriv", Opens::kFixedIsUnknown, "runs commands"},
    {"setsid", Opens::kFixedIsUnknown, "runs commands"},
    {"sftp", Opens::kAlways, "starts a shell"},
    {"sh", Opens::kScript, "a shell"},
    {"snap", Opens::kFixedIsUnknown, "installs packages"},
    {"socat", Opens::kFixedIsUnknown, "runs commands"},
    {"sqlite3", Opens::kAlways, "starts a shell"},
    {"ssh", Opens::kFixedIsUnknown, "runs commands"},
    {"start-stop-daemon", Opens::kFixedIsUnknown, "runs commands"},
    {"stdbuf", Opens::kFixedIsUnknown, "runs commands"},
    {"strace", Opens::kFixedIsUnknown, "runs commands"},
    {"su", Opens::kAlways, "starts a shell"},
    {"sudo", Opens::kAlways, "runs commands"},
    {"sudoedit", Opens::kFixedIsUnknown, "edits any file"},
    {"systemctl", Opens::kFixedIsFine, "edits units and starts a pager"},
    {"systemd-run", Opens::kFixedIsUnknown, "runs commands"},
    {"tail", Opens::kFixedIsFine, "reads any file"},
    {"tar", Opens::kFixedIsUnknown, "runs commands and writes any file"},
    {"taskset", Opens::kFixedIsUnknown, "runs commands"},
    {"tclsh", Opens::kScript, "an interpreter"},
    {"tcpdump", Opens::kFixedIsFine, "runs commands"},
    {"tcsh", Opens::kScript, "a shell"},
    {"tee", Opens::kFixedIsUnknown, "writes any file"},
    {"telnet", Opens::kAlways, "starts a shell"},
    {"time", Opens::kFixedIsUnknown, "runs commands"},
    {"timeout", Opens::kFixedIsUnknown, "runs commands"},
    {"tmux", Opens::kAlways, "starts a shell"},
    {"unshare", Opens::kFixedIsUnknown, "runs commands"},
    {"unzip", Opens::kFixedIsUnknown, "writes any file"},
    {"useradd", Opens::kFixedIsUnknown, "makes accounts"},
    {"usermod", Opens::kFixedIsUnknown, "changes accounts"},
    {"vi", Opens::kAlways, "an editor"},
    {"view", Opens::kAlways, "an editor"},
    {"vigr", Opens::kAlways, "an editor"},
    {"vim", Opens::kAlways, "an editor"},
    {"vim.basic", Opens::kAlways, "an editor"},
    {"vim.tiny", Opens::kAlways, "an editor"},
    {"vimdiff", Opens::kAlways, "an editor"},
    {"vipw", Opens::kAlways, "an editor"},
    {"visudo", Opens::kAlways, "an editor, of sudo's own rules"},
    {"w3m", Opens::kAlways, "starts a shell"},
    {"watch", Opens::kFixedIsUnknown, "runs commands"},
    {"wget", Opens::kFixedIsUnknown, "writes any file"},
    {"xargs", Opens::kFixedIsUnknown, "runs commands"},
    {"zip", Opens::kFixedIsUnknown, "runs commands"},
    {"zsh", Opens::kScript, "a shell"},
};

constexpr std::string_view kRulers[] = {"/etc/", "/root",  "/boot", "/usr/",
                                        "/bin/", "/sbin/", "/lib",  "/var/spool/cron"};

// python3.11 and php8.2 are python and php.
std::string_view WithoutVersion(std::string_view name) {
  const size_t last = name.find_last_not_of("0123456789.-");
  return last == std::string_view::npos ? name : name.substr(0, last + 1);
}

const SudoEscape* Find(std::string_view name) {
  const auto* found = std::find_if(std::begin(kEscapes), std::end(kEscapes),
                                   [&](const SudoEscape& one) { return one.program == name; });
  return found == std::end(kEscapes) ? nullptr : found;
}

bool HasPattern(std::string_view text) {
  return text.find_first_of("*?[^") != std::string_view::npos;
}

// systemctl's verbs that print through a pager, or open an editor.
bool Pages(const std::vector<std::string_view>& words) {
  constexpr std::string_view kQuiet[] = {"start",
                                         "stop",
                                         "restart",
                                         "reload",
                                         "enable",
                                         "disable",
                                         "daemon-reload",
                                         "try-restart",
                                         "poweroff",
                                         "reboot",
                                         "is-active",
                                         "is-enabled",
                                         "reload-or-restart",
                                         "is-failed",
                                         "reset-failed",
                                         "kill",
                                         "halt",
                                         "suspend"};
  for (const std::string_view word : words) {
    if (word == "--no-pager") return false;
    if (word.starts_with('-')) continue;
    return std::find(std::begin(kQuiet), std::end(kQuiet), word) == std::end(kQuiet);
  }
  return true;
}

std::optional<std::string> SudoEdit(const SudoMember& command) {
  if (!command.arguments || HasPattern(*command.arguments)) return "edits files of choice";
  for (const std::string_view word : WordsOf(*command.arguments)) {
    for (const std::string_view ruler : kRulers) {
      if (word.starts_with(ruler)) return "edits a file of the system";
    }
  }
  return "";
}

}  // namespace

std::optional<std::string> SudoCommands::Changeable(const std::string& path, std::string& doubt) {
  const auto known = known_.find(path);
  if (known != known_.end()) {
    doubt = known->second.second;
    return known->second.first;
  }
  auto& memory = known_[path];
  const auto remember = [&](std::optional<std::string> answer, std::string why) {
    memory = {answer, why};
    doubt = std::move(why);
    return answer;
  };
  // Each name on the way, as named and as it really is: whoever may write to one of the directories
  // can put another program in its place.
  std::vector<std::string> ways = {path};
  const auto real = RealPath(env_, path);
  if (real.ok() && *real != path) ways.push_back(*real);
  for (const std::string& way : ways) {
    for (size_t end = way.size(); end != std::string::npos && end > 0;
         end = way.rfind('/', end - 1)) {
      const std::string part = way.substr(0, end);
      const auto info = env_.Stat(part);
      if (absl::IsNotFound(info.status())) continue;  // what holds it decides
      if (!info.ok()) return remember(std::nullopt, std::string(info.status().message()));
      if (info->uid != 0) {
        return remember("belongs to user id " + std::to_string(info->uid) + ", who may change it",
                        "");
      }
      const bool sticky =
          info->kind == FileKind::kDirectory && (info->mode & 01000) != 0 && end != way.size();
      if ((info->mode & 0002) != 0 && !sticky) return remember("anybody may change it", "");
      if ((info->mode & 0002) != 0 && !env_.Lstat(way).ok()) {
        return remember("anybody may put something there", "");
      }
      if ((info->mode & 0020) != 0 && info->gid != 0 && !sticky) {
        return remember("group id " + std::to_string(info->gid) + " may change it", "");
      }
    }
  }
  return remember("", "");
}

std::optional<std::string> SudoCommands::Escape(const SudoMember& command, bool setenv,
                                                std::string& doubt) {
  using Kind = SudoMember::Kind;
  if (command.kind == Kind::kAll) return "ALL";
  if (setenv) return "may set the program's environment (SETENV), LD_PRELOAD too";
  if (command.name == "list") return "";
  if (command.name == "sudoedit") return SudoEdit(command);
  if (command.name.starts_with('^')) {
    doubt = "what the pattern of the command fits is not known";
    return std::nullopt;
  }
  if (HasPattern(command.name)) return "a pattern of programs";
  if (command.name.back() == '/') return "every program of a directory";
  const std::string_view base = std::string_view(command.name).substr(command.name.rfind('/') + 1);
  const SudoEscape* escape = Find(base);
  if (escape == nullptr) escape = Find(WithoutVersion(base));
  // `""` is no argument at all, with which most of them start to ask.
  const bool fixed =
      command.arguments && !HasPattern(*command.arguments) && *command.arguments != "\"\"";
  if (escape != nullptr) {
    if (escape->opens == Opens::kAlways || !fixed) return std::string(escape->what);
    const auto fixed_escape = Fixed(*escape, *command.arguments, doubt);
    if (!fixed_escape || !fixed_escape->empty()) return fixed_escape;
  }
  if (!command.digests.empty()) return "";  // the content is fixed
  return Changeable(command.name, doubt);
}

// The same of a program on the list, with arguments that are fixed.
std::optional<std::string> SudoCommands::Fixed(const Program& escape, const std::string& arguments,
                                               std::string& doubt) {
  const auto words = WordsOf(arguments);
  if (escape.program == "systemctl" && Pages(words)) return std::string(escape.what);
  const bool root = HasWord(words, "root") || words.empty();
  if (escape.program == "passwd" && root) return "sets root's password";
  if (escape.program == "ip" && HasWord(words, "exec")) return std::string(escape.what);
  if (escape.opens == Opens::kFixedIsFine) return "";
  const std::string_view first = words.empty() ? "" : words.front();
  if (escape.opens == Opens::kScript && first.starts_with('/')) {
    return Changeable(std::string(first), doubt);
  }
  const bool only_options = std::all_of(words.begin(), words.end(), [](std::string_view word) {
    return word.starts_with('-') && word.find('c') == std::string_view::npos;
  });
  if (escape.opens == Opens::kScript && only_options) return std::string(escape.what);
  doubt.assign("what ").append(escape.program).append(" does with these arguments is not known");
  return std::nullopt;
}

}  // namespace tom
