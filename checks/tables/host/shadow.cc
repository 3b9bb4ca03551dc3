// Whether local accounts have a password, by which method it is kept and how long it holds:
// shadow(5), and passwd(5) for accounts whose hash stands there. The hash itself goes nowhere.
#include <unordered_map>

#include "checks/engine/table.h"
#include "checks/tables/account_files.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

bool AddRow(RowSink& sink, const ShadowRecord& entry, const char* source) {
  const PasswordStatus status = PasswordStatusOf(entry.password);
  return sink.Add({{"password_status", std::string(PasswordStatusName(status))},
                   {"hash_alg", std::string(HashMethod(entry.password))},
                   {"last_change", NumberOrNull(entry.last_change)},
                   {"min", NumberOrNull(entry.min)},
                   {"max", NumberOrNull(entry.max)},
                   {"warning", NumberOrNull(entry.warning)},
                   {"inactive", NumberOrNull(entry.inactive)},
                   {"expire", NumberOrNull(entry.expire)},
                   {"flag", NumberOrNull(entry.flag)},
                   {"username", entry.name},
                   {"source", source}});
}

absl::Status GenerateShadow(Env& env, const TableContext&, RowSink& sink) {
  TOM_ASSIGN_OR_RETURN(const PasswdFile users, ReadPasswd(env, sink));
  SayOtherSources(env, sink, "shadow");
  for (const PasswdEntry& user : users.entries) {
    if (user.password == "x") continue;  // stands in shadow
    ShadowRecord entry;
    entry.name = user.name;
    entry.password = user.password;
    if (!AddRow(sink, entry, kPasswdPath)) return absl::OkStatus();
  }
  TOM_ASSIGN_OR_RETURN(const ShadowRecords shadow, ReadShadow(env, sink));
  for (const ShadowRecord& entry : shadow.entries) {
    if (!AddRow(sink, entry, kShadowPath)) break;
  }
  return absl::OkStatus();
}

}  // namespace

Table shadow_table() {
  constexpr ColumnType kBig = ColumnType::kBigint;
  std::vector<Touch> touches = AccountTouches();
  Append(touches, FileTouches({kShadowPath}, "password states of local accounts"));
  touches.push_back({TouchKind::kCapability, "CAP_DAC_READ_SEARCH", "/etc/shadow"});
  return {.name = "shadow",
          .description = "Passwords of local accounts: state, method, dates",
          .columns =
              {{.name = "password_status",
                .description = "empty (none is asked for), active, locked, not_set"},
               {.name = "hash_alg",
                .description = "Method of crypt(5): y, 6, 5, 2b, 1, ..., des, bsdi"},
               {.name = "last_change",
                .type = kBig,
                .description = "Day of the last change, since 1970; 0: to be changed at once"},
               {.name = "min", .type = kBig, .description = "Days before it may be changed"},
               {.name = "max", .type = kBig, .description = "Days after which it must be"},
               {.name = "warning", .type = kBig, .description = "Days of warning before that"},
               {.name = "inactive",
                .type = kBig,
                .description = "Days after that before the account is closed"},
               {.name = "expire",
                .type = kBig,
                .description = "Day on which the account closes, since 1970"},
               {.name = "flag", .type = kBig, .description = "Reserved"},
               {.name = "username", .description = "Login name", .personal = "user"},
               {.name = "source", .description = "File that the entry stands in", .hidden = true}},
          .generate = GenerateShadow,
          .touches = [touches](Env&, const Declared&) { return touches; }};
}

}  // namespace tom
