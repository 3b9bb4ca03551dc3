#include "checks/parse/sudoers_file.h"

#include <algorithm>
#include <iterator>

#include "checks/parse/general_time.h"
#include "checks/parse/sudoers_cursor.h"
#include "checks/parse/sudoers_members.h"

namespace tom {
namespace {

constexpr size_t kMaxProblems = 100;
constexpr size_t kMaxMembers = 200000;
constexpr int64_t kMostZoneOffset = 14 * kHour;

using ListKind = SudoListKind;

struct TagName {
  std::string_view name;
  std::optional<bool> SudoCommand::*field;  // null: of no consequence here
  bool value;
};
constexpr TagName kTags[] = {
    {"NOPASSWD", &SudoCommand::nopasswd, true},
    {"PASSWD", &SudoCommand::nopasswd, false},
    {"NOEXEC", &SudoCommand::noexec, true},
    {"EXEC", &SudoCommand::noexec, false},
    {"SETENV", &SudoCommand::setenv, true},
    {"NOSETENV", &SudoCommand::setenv, false},
    {"FOLLOW", &SudoCommand::follow, true},
    {"NOFOLLOW", &SudoCommand::follow, false},
    {"INTERCEPT", &SudoCommand::intercept, true},
    {"NOINTERCEPT", &SudoCommand::intercept, false},
    {"LOG_INPUT", nullptr, true},
    {"NOLOG_INPUT", nullptr, false},
    {"LOG_OUTPUT", nullptr, true},
    {"NOLOG_OUTPUT", nullptr, false},
    {"MAIL", nullptr, true},
    {"NOMAIL", nullptr, false},
};

class Parser {
 public:
  explicit Parser(std::string_view text) : cursor_(text) {}

  SudoersFile Run() {
    while (!cursor_.AtEnd()) {
      line_ = cursor_.line();
      const std::string_view problem = Entry();
      if (!problem.empty()) {
        Problem(problem);
        cursor_.SkipLine();
      } else {
        cursor_.TakeLineEnd();
      }
      if (members_ > kMaxMembers) {
        Problem("more than 200,000 elements; what follows is not read");
        break;
      }
    }
    return std::move(file_);
  }

 private:
  void Problem(std::string_view text) {
    if (file_.problems.size() < kMaxProblems) {
      file_.problems.push_back({line_, std::string(text)});
    }
  }

  // One logical line, up to its end. "" or what is wrong.
  std::string_view Entry() {
    std::string_view problem = Include();
    if (problem != "-") return problem;
    const bool continued = cursor_.SkipBlanks() && cursor_.line() != line_;
    if (cursor_.AtLineEnd()) return "";
    line_ = cursor_.line();
    const std::string_view word = cursor_.Rest().substr(0, cursor_.WordSize());
    const auto alias = AliasKind(word);
    const bool defaults = word == "Defaults" || word.starts_with("Defaults@");
    if (continued && (alias || defaults)) return "a keyword on a continued line";
    if (defaults) {
      problem = Defaults();
    } else if (alias) {
      cursor_.Advance(word.size());
      problem = Aliases(*alias);
    } else {
      problem = UserSpec();
    }
    if (!problem.empty()) return problem;
    cursor_.SkipBlanks();
    if (cursor_.AtLineEnd()) return "";
    // sudo lets go of such a rule as a whole.
    if (!alias && !defaults) {
      file_.user_specs.pop_back();
      file_.order.pop_back();
    }
    return "something stands where the line should end";
  }

  // "-" where the line is something else. #include stands at the very beginning.
  std::string_view Include() {
    const SudoersCursor start = cursor_;
    bool hash = cursor_.Peek() == '#';
    if (!hash) cursor_.SkipBlanks();
    const std::string_view rest = cursor_.Rest();
    const bool at = !hash && rest.starts_with("@include");
    hash = hash && rest.starts_with("#include");
    SudoInclude include;
    include.line = cursor_.line();
    include.directory = rest.substr(0, 11).ends_with("includedir");
    const size_t size = include.directory ? 11 : 8;
    const char next = rest.size() > size ? rest[size] : '\n';
    if ((!at && !hash) || (hash && next != ' ' && next != '\t')) {
      cursor_ = start;
      return "-";
    }
    if (at && cursor_.line() != line_) return "a keyword on a continued line";
    cursor_.Advance(size);
    auto path = cursor_.TakeInclude();
    if (!path) return "an include without a path";
    include.path = *std::move(path);
    cursor_.SkipBlanks();
    if (!cursor_.AtLineEnd()) return "something stands behind the path of an include";
    file_.order.emplace_back(SudoersFile::Entry::kInclude, file_.includes.size());
    file_.includes.push_back(std::move(include));
    return "";
  }

  static std::optional<SudoAlias::Kind> AliasKind(std::string_view word) {
    if (word == "User_Alias") return SudoAlias::Kind::kUser;
    if (word == "Runas_Alias") return SudoAlias::Kind::kRunas;
    if (word == "Host_Alias") return SudoAlias::Kind::kHost;
    if (word == "Cmnd_Alias" || word == "Cmd_Alias") return SudoAlias::Kind::kCommand;
    return {};
  }

  std::string_view Aliases(SudoAlias::Kind kind) {
    const ListKind list = kind == SudoAlias::Kind::kHost      ? ListKind::kHosts
                          : kind == SudoAlias::Kind::kCommand ? ListKind::kCommands
                                                              : ListKind::kUsers;
    do {
      cursor_.SkipBlanks();
      const std::string_view name = cursor_.PeekCapitals();
      if (name.empty() || name == "ALL") return "an alias is named in capitals, and not ALL";
      SudoAlias alias{.kind = kind, .name = std::string(name), .members = {}, .line = line_};
      cursor_.Advance(name.size());
      if (!cursor_.Take('=')) return "an alias without =";
      const auto problem = Members(list, alias.members);
      if (!problem.empty()) return problem;
      file_.aliases.push_back(std::move(alias));
    } while (cursor_.Take(':'));
    return "";
  }

  std::string_view Members(ListKind kind, SudoMembers& members) {
    const auto problem = TakeSudoMembers(cursor_, kind, members);
    members_ += members.size();
    return problem;
  }

  std::string_view Defaults() {
    cursor_.Advance(std::string_view("Defaults").size());
    SudoDefault one;
    one.line = line_;
    const auto scope = std::string_view(":@>!").find(cursor_.Peek());
    if (scope != std::string_view::npos && !cursor_.AtEnd()) {
      constexpr std::pair<SudoDefault::Scope, ListKind> kScopes[] = {
          {SudoDefault::Scope::kUser, ListKind::kUsers},
          {SudoDefault::Scope::kHost, ListKind::kHosts},
          {SudoDefault::Scope::kRunas, ListKind::kUsers},
          {SudoDefault::Scope::kCommand, ListKind::kDefaultsCommands}};
      cursor_.Advance(1);
      one.scope = kScopes[scope].first;
      const auto problem = Members(kScopes[scope].second, one.binding);
      if (!problem.empty()) return problem;
    }
    if (!cursor_.SkipBlanks() && one.binding.empty()) return "a word behind Defaults";
    const size_t first = file_.defaults.size();
    do {
      const auto problem = Setting(one);
      if (!problem.empty()) {
        file_.defaults.resize(first);
        return problem;
      }
      file_.defaults.push_back(one);
      members_ += one.binding.size();
    } while (cursor_.Take(',') && members_ <= kMaxMembers);
    for (size_t i = first; i < file_.defaults.size(); ++i) {
      file_.order.emplace_back(SudoersFile::Entry::kDefault, i);
    }
    return "";
  }

  std::string_view Setting(SudoDefault& one) {
    const auto negated = cursor_.TakeNegation();
    if (!negated) return "two separate ! in a row";
    const std::string_view rest = cursor_.Rest();
    const size_t size =
        std::min(rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), rest.size());
    if (size == 0) return "a setting without a name";
    one.name = rest.substr(0, size);
    one.operation = *negated ? '0' : '1';
    one.value.clear();
    cursor_.Advance(size);
    cursor_.SkipBlanks();
    const char sign = cursor_.Peek();
    if (sign != '=' && sign != '+' && sign != '-') return "";
    if (sign != '=') cursor_.Advance(1);
    if (*negated || !cursor_.Take('=')) return "a setting with a wrong sign";
    auto value = cursor_.TakeValue();
    if (!value) return "a setting without its value";
    one.operation = sign;
    one.value = *std::move(value);
    return "";
  }

  std::string_view UserSpec() {
    SudoUserSpec spec;
    spec.line = line_;
    std::string_view problem = Members(ListKind::kUsers, spec.users);
    if (!problem.empty()) return problem;
    do {
      SudoPrivilege privilege;
      problem = Members(ListKind::kHosts, privilege.hosts);
      if (!problem.empty()) return problem;
      if (!cursor_.Take('=')) return "= is missing behind the hosts";
      problem = Commands(privilege.commands);
      if (!problem.empty()) return problem;
      spec.privileges.push_back(std::move(privilege));
    } while (cursor_.Take(':'));
    file_.order.emplace_back(SudoersFile::Entry::kUserSpec, file_.user_specs.size());
    file_.user_specs.push_back(std::move(spec));
    return "";
  }

  std::string_view Commands(std::vector<SudoCommand>& commands) {
    do {
      SudoCommand one;
      if (!commands.empty()) one = Inherited(commands.back());
      const auto problem = Command(one);
      if (!problem.empty()) return problem;
      commands.push_back(std::move(one));
      members_ += 1 + (commands.back().run_users ? commands.back().run_users->size() : 0) +
                  (commands.back().run_groups ? commands.back().run_groups->size() : 0);
    } while (cursor_.Take(',') && members_ <= kMaxMembers);
    return "";
  }

  // All but the command goes on to the next one in the list.
  static SudoCommand Inherited(const SudoCommand& before) {
    SudoCommand one = before;
    if (before.setenv_implied) one.setenv.reset();
    one.setenv_implied = false;
    one.command = {};
    return one;
  }

  std::string_view Command(SudoCommand& one) {
    std::string_view problem = RunAs(one);
    if (problem.empty()) problem = Options(one);
    if (!problem.empty()) return problem;
    const bool setenv_said = Tags(one);
    SudoMembers command;
    problem = TakeSudoMember(cursor_, ListKind::kCommands, command);
    if (!problem.empty()) return problem;
    one.command = std::move(command.front());
    const bool all = one.command.kind == SudoMember::Kind::kAll && !one.command.negated;
    if (all && !setenv_said) {
      one.setenv = true;
      one.setenv_implied = true;
    }
    return "";
  }

  std::string_view RunAs(SudoCommand& one) {
    if (!cursor_.Take('(')) return "";
    one.run_users.reset();
    one.run_groups.reset();
    std::string_view problem;
    if (cursor_.Peek() != ')' && cursor_.Peek() != ':') {
      problem = Members(ListKind::kUsers, one.run_users.emplace());
      if (!problem.empty()) return problem;
    }
    if (cursor_.Take(':') && cursor_.Peek() != ')') {
      problem = Members(ListKind::kGroups, one.run_groups.emplace());
      if (!problem.empty()) return problem;
    }
    if (!one.run_users && !one.run_groups) {
      one.run_users = SudoMembers{{.kind = SudoMember::Kind::kSelf, .name = "", .arguments = {}}};
    }
    return cursor_.Take(')') ? "" : ") is missing";
  }

  std::string_view Options(SudoCommand& one) {
    constexpr std::string_view kNames[] = {"NOTBEFORE", "NOTAFTER", "TIMEOUT", "ROLE",
                                           "TYPE",      "CWD",      "CHROOT"};
    while (true) {
      cursor_.SkipBlanks();
      const std::string_view word = cursor_.Rest().substr(0, cursor_.WordSize());
      if (std::find(std::begin(kNames), std::end(kNames), word) == std::end(kNames)) return "";
      cursor_.Advance(word.size());
      if (!cursor_.Take('=')) return "an option without =";
      std::optional<std::string> value;
      if (cursor_.Peek() == '"') {
        value = cursor_.TakeQuoted();
      } else if (cursor_.Peek() == '/' && word.starts_with('C')) {
        value = cursor_.TakePath();
      } else {
        value = cursor_.TakeName();
      }
      if (!value) return "an option without a value";
      const auto problem = SetOption(word, *value, one);
      if (!problem.empty()) return problem;
    }
  }

  static std::string_view SetOption(std::string_view name, const std::string& value,
                                    SudoCommand& one) {
    if (name == "NOTBEFORE" || name == "NOTAFTER") {
      const auto time = ParseGeneralTime(value);
      if (!time) return "a time that cannot be read";
      // Without a zone it is local time: taken so that the rule holds for as long as it may.
      const int64_t doubt = time->zoned ? 0 : kMostZoneOffset;
      if (name == "NOTBEFORE") {
        one.not_before = time->seconds - doubt;
      } else {
        one.not_after = time->seconds + doubt;
      }
    } else if (name == "ROLE") {
      one.role = value;
    } else if (name == "TYPE") {
      one.type = value;
    } else if (name == "CWD") {
      one.directory = value;
    } else if (name == "CHROOT") {
      one.chroot = value;
    }
    return "";
  }

  // True if one of them speaks of SETENV.
  bool Tags(SudoCommand& one) {
    bool setenv_said = false;
    while (true) {
      cursor_.SkipBlanks();
      const std::string_view word = cursor_.Rest().substr(0, cursor_.WordSize());
      const auto* const tag =
          std::find_if(std::begin(kTags), std::end(kTags),
                       [&](const TagName& known) { return known.name == word; });
      if (tag == std::end(kTags)) return setenv_said;
      SudoersCursor behind = cursor_;
      behind.Advance(word.size());
      while (behind.Peek() == ' ' || behind.Peek() == '\t') behind.Advance(1);
      if (behind.Peek() != ':') return setenv_said;
      behind.Advance(1);
      cursor_ = behind;
      if (tag->field != nullptr) one.*tag->field = tag->value;
      setenv_said = setenv_said || tag->field == &SudoCommand::setenv;
    }
  }

  SudoersCursor cursor_;
  SudoersFile file_;
  int64_t line_ = 1;
  size_t members_ = 0;
};

}  // namespace

SudoersFile ParseSudoers(std::string_view text) { return Parser(text).Run(); }

std::vector<SudoersLine> SudoersLines(std::string_view text) {
  std::vector<SudoersLine> lines;
  std::string joined;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t last = line.find_last_not_of(" \t\r");
    line = line.substr(0, last == std::string_view::npos ? 0 : last + 1);
    const bool goes_on = !line.empty() && line.back() == '\\' && !text.empty();
    if (goes_on) line.remove_suffix(1);
    const size_t first = line.find_first_not_of(" \t");
    if (first != std::string_view::npos) {
      if (!joined.empty()) joined += ' ';
      joined.append(line.substr(first));
    }
    if (goes_on) continue;
    const bool comment = joined.starts_with('#') && !joined.starts_with("#include") &&
                         joined.find_first_of("0123456789") != 1;
    if (!joined.empty() && !comment) {
      const size_t blank = std::min(joined.find_first_of(" \t"), joined.size());
      const size_t rest = std::min(joined.find_first_not_of(" \t", blank), joined.size());
      lines.push_back({joined.substr(0, blank), joined.substr(rest)});
    }
    joined.clear();
  }
  return lines;
}

}  // namespace tom
