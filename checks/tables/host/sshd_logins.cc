// What it takes to log in over SSH: one row for each account, kind of connection and alternative of
// methods that the server offers; `none` when it offers nothing. Only what sshd itself demands:
// what PAM makes of a password or a keyboard-interactive dialogue stands elsewhere.
#include "checks/tables/sshd_logins.h"

#include "checks/engine/table.h"
#include "checks/tables/touch_lists.h"

namespace tom {
namespace {

Value Flag(const SshdSettings& settings, std::string_view option) {
  const auto found = settings.find(option);
  if (found == settings.end()) return {};
  return int64_t{found->second.value == "yes"};
}

Value Text(const SshdSettings& settings, std::string_view option) {
  const auto found = settings.find(option);
  return found == settings.end() ? Value() : Value(found->second.value);
}

bool AddAlternative(const SshdContext& context, const SshdAlternative& one, RowSink& sink) {
  const SshdSettings& settings = context.settings;
  const auto admitted = SshdAdmits(context);
  return sink.Add({{"user", context.account.name.empty() ? Value() : Value(context.account.name)},
                   {"uid", context.account.uid < 0 ? Value() : Value(context.account.uid)},
                   {"local", int64_t{!context.account.name.empty()}},
                   {"connection", context.route.label},
                   {"methods", one.methods},
                   {"enabled", int64_t{one.enabled}},
                   {"publickey", int64_t{one.public_keys}},
                   {"password", int64_t{one.passwords}},
                   {"keyboard_interactive", int64_t{one.keyboard_interactive}},
                   {"gssapi", int64_t{one.gssapi}},
                   {"hostbased", int64_t{one.host_based}},
                   {"none", int64_t{one.none}},
                   {"admitted", admitted ? Value(int64_t{*admitted}) : Value()},
                   {"root_login", Text(settings, "permitrootlogin")},
                   {"empty_passwords", Flag(settings, "permitemptypasswords")},
                   {"use_pam", Flag(settings, "usepam")},
                   {"key_options", Text(settings, "pubkeyauthoptions")},
                   {"source", std::string(context.from_program ? "sshd" : "files")}});
}

absl::Status GenerateLogins(Env& env, const TableContext&, RowSink& sink) {
  const SshdView view = ViewSshd(env);
  for (const std::string& reason : view.incomplete) sink.Incomplete(reason);
  for (const SshdContext& context : view.contexts) {
    auto alternatives = SshdAlternatives(context.settings);
    if (!alternatives) {
      sink.Incomplete("sshd does not say by which methods one may log in");
      continue;
    }
    if (alternatives->empty()) alternatives->push_back({.methods = "", .enabled = false});
    for (const SshdAlternative& one : *alternatives) {
      if (!AddAlternative(context, one, sink)) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

Column Count(const char* name, const char* description) {
  return {.name = name, .type = ColumnType::kInteger, .description = description};
}

}  // namespace

Table sshd_logins_table() {
  return {
      .name = "sshd_logins",
      .description =
          "Alternatives of authentication that the SSH server offers, by account and kind of "
          "connection",
      .columns =
          {{.name = "user",
            .description = "Account; NULL: any that no local file names",
            .personal = "user"},
           {.name = "uid", .type = ColumnType::kBigint, .description = "User id"},
           Count("local", "1 for an account of /etc/passwd, 0 for any other"),
           {.name = "connection",
            .description = "An example of the connections that Match blocks tell apart, or any"},
           {.name = "methods",
            .description = "Methods demanded together, with commas; empty: none is offered"},
           Count("enabled", "1 when every one of them is switched on"),
           Count("publickey", "How many public keys are demanded"),
           Count("password", "How many passwords"),
           Count("keyboard_interactive", "How many keyboard-interactive dialogues"),
           Count("gssapi", "How many GSSAPI exchanges"),
           Count("hostbased", "How many proofs of the client's host"),
           Count("none", "How often the method that demands nothing but an empty password"),
           Count("admitted",
                 "1 when the lists of users and groups let the account in; NULL: not decided"),
           {.name = "root_login", .description = "PermitRootLogin"},
           Count("empty_passwords", "1 when PermitEmptyPasswords is on"),
           Count("use_pam", "1 when PAM judges passwords and keyboard-interactive"),
           {.name = "key_options", .description = "PubkeyAuthOptions"},
           {.name = "source", .description = "sshd: the server's own answer; files: our reading"}},
      .generate = GenerateLogins,
      .touches = [](Env& env, const Declared&) { return SshdTouches(env); }};
}

}  // namespace tom
