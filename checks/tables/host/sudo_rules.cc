// What sudo lets each account do: one row for each command of each rule that is for the account, in
// sudo's order, the last one that fits deciding. Accounts are the local ones and those that sudoers
// names and no local file has.
#include <algorithm>

#include "checks/engine/table.h"
#include "checks/tables/sudo_commands.h"
#include "checks/tables/sudo_view.h"
#include "checks/tables/touch_lists.h"

namespace tom {
namespace {

// Variables that a program's loader or interpreter obeys.
bool KeepsDangerous(const SudoSettings& settings) {
  return std::any_of(settings.kept.begin(), settings.kept.end(), [](const std::string& name) {
    constexpr std::string_view kNames[] = {"BASH_ENV",   "ENV",     "PERL5LIB", "PERL5OPT",
                                           "PYTHONPATH", "RUBYLIB", "RUBYOPT",  "*"};
    return name.starts_with("LD_") ||
           std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
  });
}

// May run it as root in the end, and what for: the columns that checks ask for.
struct Power {
  std::optional<bool> full;  // as good as every command
  std::string why;
};

Power PowerOf(const SudoRow& row, SudoCommands& commands) {
  if (row.grant.command.negated) return {false, ""};
  std::string doubt;
  const bool setenv = row.grant.setenv || KeepsDangerous(row.settings);
  const auto escape = commands.Escape(row.grant.command, setenv, doubt);
  if (!escape) return {std::nullopt, doubt};
  if (escape->empty() && !row.grant.rule->chroot.empty()) {
    return {std::nullopt, "runs inside another root directory"};
  }
  return {!escape->empty(), *escape};
}

bool AddRow(const SudoRow& row, SudoCommands& commands, RowSink& sink) {
  const SudoGrant& grant = row.grant;
  const Power power = PowerOf(row, commands);
  std::string command = SudoMemberText(grant.command);
  for (const std::string& digest : grant.command.digests) command.insert(0, digest + " ");
  return sink.Add({{"username", PrintableText(row.person.name)},
                   {"uid", row.person.uid < 0 ? Value() : Value(row.person.uid)},
                   {"local", int64_t{row.person.local}},
                   {"number", row.number},
                   {"source", grant.file},
                   {"line", grant.line},
                   {"allow", int64_t{!grant.command.negated}},
                   {"command", PrintableText(command.substr(0, 1000))},
                   {"run_as_users", PrintableText(grant.run_users)},
                   {"run_as_groups", PrintableText(grant.run_groups)},
                   {"applies", NumberOrNull(grant.applies)},
                   {"overridden", int64_t{grant.overridden}},
                   {"as_root", NumberOrNull(grant.as_root)},
                   {"root_group", grant.root_group},
                   {"as_any", int64_t{grant.as_any}},
                   {"password_asked", int64_t{grant.authenticate}},
                   {"password_of", grant.password_of},
                   {"full", NumberOrNull(power.full)},
                   {"opens", PrintableText(power.why)},
                   {"noexec", int64_t{grant.noexec}},
                   {"setenv", int64_t{grant.setenv}},
                   {"timestamp_timeout", row.settings.timestamp_timeout}});
}

absl::Status GenerateRules(Env& env, const TableContext&, RowSink& sink) {
  SudoCommands commands(env);
  return ViewSudo(env, sink, [&](const SudoRow& row) { return AddRow(row, commands, sink); });
}

std::vector<Column> Columns() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  constexpr ColumnType kBig = ColumnType::kBigint;
  return {
      {.name = "username", .description = "Account, or what names it", .personal = "user"},
      {.name = "uid", .type = kBig, .description = "User id; NULL: no local account"},
      {.name = "local", .type = kInt, .description = "1: stands in /etc/passwd"},
      {.name = "number", .type = kBig, .description = "Place in sudo's order for this account"},
      {.name = "source", .description = "File of the rule"},
      {.name = "line", .type = kBig, .description = "Its line"},
      {.name = "allow", .type = kInt, .description = "0: forbids the command (!)"},
      {.name = "command", .description = "One command, aliases resolved, as sudo compares it"},
      {.name = "run_as_users",
       .description = "Users to run as, aliases resolved; empty: itself",
       .personal = "sudo_run_as"},
      {.name = "run_as_groups", .description = "Groups to run as"},
      {.name = "applies",
       .type = kInt,
       .description = "1: to this account, here and now; NULL: that is not known"},
      {.name = "overridden", .type = kInt, .description = "1: later rules decide in every case"},
      {.name = "as_root",
       .type = kInt,
       .description = "1: lets run it as user id 0, or in root_group, with later rules in mind"},
      {.name = "root_group", .description = "Group by which; empty: the user id"},
      {.name = "as_any", .type = kInt, .description = "1: as every user, but perhaps not root"},
      {.name = "password_asked",
       .type = kInt,
       .description = "0: none, by NOPASSWD, !authenticate or exempt_group"},
      {.name = "password_of", .description = "Whose: user, root, target or runas_default"},
      {.name = "full",
       .type = kInt,
       .description = "1: the command is as good as every command; NULL: not known"},
      {.name = "opens",
       .description = "Why, by a list of 2026-11-22 and by who may change the program"},
      {.name = "noexec", .type = kInt, .description = "1: NOEXEC, which editors do not need"},
      {.name = "setenv", .type = kInt, .description = "1: may set the environment"},
      {.name = "timestamp_timeout",
       .description =
           "Minutes that a password counts for; negative: until the next boot; empty: 15"}};
}

std::vector<Touch> RuleTouches(Env& env, const Declared& declared) {
  std::vector<Touch> touches = SudoersTouches(env, declared);
  Append(touches, AccountTouches());
  Append(touches, SudoCommandTouches(env));
  return touches;
}

}  // namespace

Table sudo_rules_table() {
  return {.name = "sudo_rules",
          .description = "What sudo lets each account do",
          .columns = Columns(),
          .generate = GenerateRules,
          .touches = RuleTouches};
}

}  // namespace tom
