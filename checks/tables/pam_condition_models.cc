// Modules that look at who comes, from where, and at what the system says of it.
#include <algorithm>
#include <charconv>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "checks/parse/access_conf.h"
#include "checks/parse/sshd_pattern.h"
#include "checks/tables/pam_modules.h"

namespace tom {
namespace {

constexpr size_t kMaxFile = 1 << 20;

bool Holds(const std::vector<std::string>& list, const std::string& one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

// Where an address or a terminal decides, somebody may come by one that fits, or by one that does
// not.
bool Chance(PamCall& call, const std::string& what) {
  return call.Given(
      absl::StrCat(what, " (", call.handler.file, " line ", call.handler.line.number, ")"),
      kCircumstance);
}

std::optional<int64_t> Number(const std::string& text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool octal = text.size() > 1 && text[0] == '0';  // strtol(3) with base 0
  if (text.empty() || octal || error != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

struct Condition {
  std::string left, word, right;
};

// Nothing: not known.
std::optional<bool> Compare(const Condition& one, const std::string& value) {
  if (one.word == "=") return value == one.right;
  if (one.word == "!=") return value != one.right;
  if (one.word == "in") return Holds(Split(one.right, ':'), value);
  if (one.word == "notin") return !Holds(Split(one.right, ':'), value);
  if (one.word == "=~" || one.word == "!~") {
    if (one.right.find_first_of("[\\") != std::string::npos) return std::nullopt;
    return SshdPatternMatches(value, one.right) == (one.word == "=~");
  }
  const auto a = Number(value);
  const auto b = Number(one.right);
  if (!a || !b) return std::nullopt;
  if (one.word == "eq") return *a == *b;
  if (one.word == "ne") return *a != *b;
  if (one.word == "<" || one.word == "lt") return *a < *b;
  if (one.word == "<=" || one.word == "le") return *a <= *b;
  if (one.word == ">" || one.word == "gt") return *a > *b;
  if (one.word == ">=" || one.word == "ge") return *a >= *b;
  return std::nullopt;
}

struct Person {
  std::string name;
  int64_t uid = -1;
  int64_t gid = -1;
  const std::vector<std::string>* groups = nullptr;
};

std::optional<bool> Holds(PamCall& call, const Condition& one, const Person& who) {
  if (one.word == "ingroup" || one.word == "notingroup") {
    if (one.left != "user") return std::nullopt;
    const std::vector<std::string> wanted = Split(one.right, ':');
    const bool member = std::any_of(wanted.begin(), wanted.end(), [&](const std::string& group) {
      return Holds(*who.groups, group);
    });
    return member == (one.word == "ingroup");
  }
  if (one.left == "user") return Compare(one, who.name);
  if (one.left == "service") return Compare(one, call.subject.service);
  if (one.left == "tty" && !call.subject.tty.empty()) return Compare(one, call.subject.tty);
  if (one.left == "rhost" || one.left == "tty")
    return Chance(call,
                  absl::StrCat("a connection with ", one.left, " ", one.word, " ", one.right));
  if (one.left == "uid" && who.uid >= 0) return Compare(one, std::to_string(who.uid));
  if (one.left == "gid" && who.gid >= 0) return Compare(one, std::to_string(who.gid));
  if (one.left == "shell") return Compare(one, call.subject.shell);
  if (one.left == "home") return Compare(one, call.subject.home);
  return std::nullopt;
}

constexpr const char* kSucceedFlags[] = {"debug", "use_uid",    "audit",
                                         "quiet", "quiet_fail", "quiet_success"};

// pam_succeed_if(8)
void SucceedIf(PamCall& call) {
  std::vector<std::string> words;
  for (const std::string& word : call.handler.line.arguments) {
    if (std::find(std::begin(kSucceedFlags), std::end(kSucceedFlags), word) ==
        std::end(kSucceedFlags))
      words.push_back(word);
  }
  if (words.size() % 3 != 0) return call.Say(kPamServiceErr);
  const bool of_caller = call.Has("use_uid");
  const PamSubject& subject = call.subject;
  if (of_caller && subject.caller.empty()) return call.Anything("who calls is not known");
  const Person who = of_caller
                         ? Person{subject.caller, subject.caller_uid, -1, &subject.caller_groups}
                         : Person{subject.user, subject.uid, subject.gid, &subject.groups};
  std::string said;
  for (size_t i = 0; i < words.size(); i += 3) {
    const Condition one{words[i], words[i + 1], words[i + 2]};
    const auto holds = Holds(call, one, who);
    if (!holds) return call.Anything("its conditions are not all understood");
    if (!*holds) return call.Say(kPamAuthErr);
    absl::StrAppend(&said, said.empty() ? "" : " ", one.left, " ", one.word, " ", one.right);
  }
  call.Say(kPamSuccess, said.empty() ? "" : said + " holds");
}

// Of one field of access.conf(5). Nothing: an origin decides.
std::optional<bool> Named(const PamCall& call, const std::vector<std::string>& words, size_t from,
                          bool groups) {
  std::optional<bool> matched = false;
  for (size_t i = from; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "EXCEPT") {
      if (matched && !*matched) return false;
      const auto excepted = Named(call, words, i + 1, groups);
      if (excepted && !*excepted) return matched;
      return excepted && *excepted ? std::optional<bool>(false) : std::nullopt;
    }
    const bool group = word.size() > 2 && word[0] == '(' && word.back() == ')';
    const std::string name = group ? word.substr(1, word.size() - 2) : word;
    const bool plain = word == "ALL" || (!group && word == call.subject.user) ||
                       ((group || groups) && Holds(call.subject.groups, name));
    if (plain) matched = true;
    if (!plain && word.find('@') != std::string::npos && matched && !*matched)
      matched = std::nullopt;
  }
  return matched;
}

bool EverywhereOf(const AccessRule& rule) {
  return rule.origins.size() == 1 && rule.origins[0] == "ALL";
}

// pam_access(8): the first rule that fits decides; without one everybody may pass.
void Access(PamCall& call) {
  const auto named = call.Value("accessfile");
  const std::string path = named.value_or("/etc/security/access.conf");
  const auto text = call.env.ReadFile(path, kMaxFile);
  if (absl::IsNotFound(text.status()) && named) return call.Say(kPamAbort, path + " is not there");
  if (!text.ok() && !absl::IsNotFound(text.status()))
    return call.Anything(std::string(text.status().message()));
  const auto parts = call.env.ListDirectory("/etc/security/access.d");
  if (!named && (!parts.ok() ? !absl::IsNotFound(parts.status()) : !parts->empty()))
    call.Doubt("/etc/security/access.d may hold rules");
  const bool groups = !call.Has("nodefgroup");
  for (const AccessRule& rule :
       ParseAccessConf(text.ok() ? *text : "", call.Value("fieldsep").value_or(":"),
                       call.Value("listsep").value_or(", \t"))) {
    const auto user = Named(call, rule.users, 0, groups);
    if (user && !*user) continue;
    const std::string place = absl::StrCat(path, " line ", rule.line);
    if ((!user || !EverywhereOf(rule)) && !call.Given("an origin of " + place, kCircumstance))
      continue;
    return call.Say(rule.grants ? kPamSuccess : kPamPermDenied, place + " applies");
  }
  call.Say(kPamSuccess);
}

std::optional<bool> Listed(PamCall& call, const std::string& item,
                           const std::vector<std::string>& lines) {
  if (item == "user") return Holds(lines, call.subject.user);
  if (item == "shell") return Holds(lines, call.subject.shell);
  if (item == "group")
    return std::any_of(lines.begin(), lines.end(),
                       [&](const std::string& line) { return Holds(call.subject.groups, line); });
  if (item == "rhost" || item == "tty") return Chance(call, "a connection with a listed " + item);
  return std::nullopt;
}

// pam_listfile(8)
void ListFile(PamCall& call) {
  const std::string item = call.Value("item").value_or("");
  const std::string sense = call.Value("sense").value_or("");
  const auto path = call.Value("file");
  if (item.empty() || !path || (sense != "allow" && sense != "deny"))
    return call.Say(kPamServiceErr);
  if (call.Value("apply") && item != "user") return call.Anything("apply= is not examined");
  const bool lax = call.Value("onerr").value_or("fail") == "succeed";
  const auto info = call.env.Stat(*path);
  if (absl::IsNotFound(info.status()))
    return call.Say(lax ? kPamSuccess : kPamServiceErr, *path + " is not there");
  const auto text = call.env.ReadFile(*path, kMaxFile);
  if (!info.ok() || !text.ok())
    return call.Anything(std::string((info.ok() ? text.status() : info.status()).message()));
  if ((info->mode & 02) != 0) return call.Say(kPamAuthErr, *path + " is writable by everybody");
  const auto listed = Listed(call, item, Split(*text, '\n'));
  if (!listed) return call.Anything("item=" + item + " is not examined");
  call.Say(*listed == (sense == "allow") ? kPamSuccess : kPamAuthErr,
           absl::StrCat("the account is ", *listed ? "" : "not ", "listed in ", *path));
}

// pam_rootok(8): the real user of the program that asks.
void RootOk(PamCall& call) {
  if (call.subject.caller_uid == 0)
    return call.Say(kPamSuccess, "the program that asks runs as root");
  call.Say(kPamAuthErr);
}

// pam_wheel(8)
void Wheel(PamCall& call) {
  const PamSubject& subject = call.subject;
  if (subject.caller.empty()) return call.Anything("who calls is not known");
  if (call.Has("root_only") && subject.uid != 0) return call.Say(kPamIgnore);
  const std::string group = call.Value("group").value_or("wheel");
  if (!call.Value("group") && !Holds(subject.caller_groups, group))
    call.Doubt("without a group wheel the one with number 0 counts");
  const bool member = Holds(subject.caller_groups, group) ||
                      (!call.Value("group") && Holds(subject.caller_groups, "root"));
  const bool trust = call.Has("trust");
  if (call.Has("deny")) return call.Say(member ? kPamPermDenied : trust ? kPamSuccess : kPamIgnore);
  if (!member) return call.Say(trust ? kPamIgnore : kPamPermDenied);
  call.Say(trust ? kPamSuccess : kPamIgnore,
           trust ? "trust asks members of the group for nothing" : "");
}

// pam_nologin(8): a state that passes.
void NoLogin(PamCall& call) {
  const int usual = call.Has("successok") ? kPamSuccess : kPamIgnore;
  if (call.subject.uid == 0 || !call.subject.local) return call.Say(usual);
  bool shut = false;
  for (const std::string& path :
       call.Value("file") ? std::vector<std::string>{*call.Value("file")}
                          : std::vector<std::string>{"/var/run/nologin", "/etc/nologin"}) {
    const auto info = call.env.Stat(path);
    shut = shut || info.ok();
    if (!info.ok() && !absl::IsNotFound(info.status())) call.Say(kPamAuthErr, "", false);
  }
  if (shut && !call.Given("logins are allowed again (nologin)", kCircumstance))
    return call.Say(kPamAuthErr);
  call.Say(usual);
}

// pam_shells(8)
void Shells(PamCall& call) {
  if (!call.subject.local) return call.Say(kPamUserUnknown);
  const auto info = call.env.Stat("/etc/shells");
  const auto text = call.env.ReadFile("/etc/shells", kMaxFile);
  if (absl::IsNotFound(text.status())) return call.Say(kPamAuthErr, "/etc/shells is not there");
  if (!text.ok() || !info.ok()) return call.Anything("/etc/shells cannot be read");
  if ((info->mode & 02) != 0) return call.Say(kPamAuthErr);
  const std::string shell = call.subject.shell.empty() ? "/bin/sh" : call.subject.shell;
  call.Say(Holds(Split(*text, '\n'), shell) ? kPamSuccess : kPamAuthErr);
}

// pam_localuser(8)
void LocalUser(PamCall& call) {
  const auto path = call.Value("file");
  if (!path) return call.Say(call.subject.local ? kPamSuccess : kPamPermDenied);
  const auto text = call.env.ReadFile(*path, kMaxFile);
  if (!text.ok()) return call.Anything(std::string(text.status().message()));
  const bool named = ("\n" + *text).find("\n" + call.subject.user + ":") != std::string::npos;
  call.Say(named ? kPamSuccess : kPamPermDenied);
}

int64_t LoginDefs(Env& env, const std::string& name, int64_t fallback) {
  const auto text = env.ReadFile("/etc/login.defs", kMaxFile);
  if (!text.ok()) return fallback;
  for (const std::string& line : Split(*text, '\n')) {
    std::istringstream words(line);
    std::string key, value;
    words >> key >> value;
    if (key == name) return Number(value).value_or(fallback);
  }
  return fallback;
}

// pam_usertype(8)
void UserType(PamCall& call) {
  if (call.subject.uid < 0) return call.Say(kPamUserUnknown);
  const int64_t least = LoginDefs(call.env, "UID_MIN", 1000);
  const int64_t most = LoginDefs(call.env, "SYS_UID_MAX", least - 1);
  const int64_t uid = call.subject.uid;
  const bool system = uid == 65534 || (uid < least && uid <= most);
  if (call.Has("issystem")) return call.Say(system ? kPamSuccess : kPamAuthErr);
  if (call.Has("isregular")) return call.Say(system ? kPamAuthErr : kPamSuccess);
  call.Anything("its arguments are not understood");
}

// pam_securetty(8)
void SecureTty(PamCall& call) {
  if (call.subject.uid != 0) return call.Say(call.subject.local ? kPamSuccess : kPamUserUnknown);
  const auto text = call.env.ReadFile("/etc/securetty", kMaxFile);
  if (absl::IsNotFound(text.status())) return call.Say(kPamSuccess);
  if (!text.ok()) return call.Anything(std::string(text.status().message()));
  const bool secure = call.subject.tty.empty() ? Chance(call, "a terminal of /etc/securetty")
                                               : Holds(Split(*text, '\n'), call.subject.tty);
  call.Say(secure ? kPamSuccess : kPamAuthErr);
}

}  // namespace

const std::vector<PamModelEntry>& PamConditionModels() {
  static const std::vector<PamModelEntry> models = {
      {"pam_succeed_if", SucceedIf, SucceedIf},
      {"pam_access", Access, Access},
      {"pam_listfile", ListFile, ListFile},
      {"pam_rootok", RootOk, RootOk},
      {"pam_wheel", Wheel, Wheel},
      {"pam_nologin", NoLogin, NoLogin},
      {"pam_shells", Shells, Shells},
      {"pam_localuser", LocalUser, LocalUser},
      {"pam_usertype", UserType, UserType},
      {"pam_securetty", SecureTty, SecureTty},
  };
  return models;
}

}  // namespace tom
