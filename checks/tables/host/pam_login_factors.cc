// Which proofs get an account through PAM at the other doors of a host: the console, su, sudo,
// graphical logins and the like. One row for each service that has a stack and each account that
// can be logged in to; for su and sudo the account is the one that asks. See ssh_login_factors for
// the kinds of proof.
#include <algorithm>

#include "checks/engine/table.h"
#include "checks/tables/factor_sets.h"
#include "checks/tables/pam_subjects.h"
#include "checks/tables/pam_touches.h"
#include "checks/tables/sshd_clients.h"
#include "checks/tables/touch_lists.h"

namespace tom {
namespace {

struct Door {
  const char* service;
  bool becomes_root;  // the account asks, root is asked for
  bool own_password;  // and proves itself, not root
};
constexpr Door kDoors[] = {
    {"login", false, true},        {"su", true, false},      {"su-l", true, false},
    {"sudo", true, true},          {"sudo-i", true, true},   {"polkit-1", true, true},
    {"gdm-password", false, true}, {"lightdm", false, true}, {"sddm", false, true},
    {"xrdp-sesman", false, true},  {"cockpit", false, true}, {"vsftpd", false, true},
    {"remote", false, true},       {"kde", false, true}};

std::vector<std::string> DoorNames() {
  std::vector<std::string> names;
  for (const Door& door : kDoors) names.emplace_back(door.service);
  return names;
}

PamSubject SubjectOf(const Door& door, const PamSubjects& subjects, const std::string& account) {
  const PamSubject asking = subjects.Of(account);
  PamSubject subject = door.becomes_root && !door.own_password ? subjects.Of("root") : asking;
  subject.service = door.service;
  subject.remote = false;
  subject.caller = door.becomes_root ? account : "root";
  subject.caller_uid = door.becomes_root ? asking.uid : 0;
  subject.caller_groups = door.becomes_root ? asking.groups : std::vector<std::string>{"root"};
  return subject;
}

Value Count(int count) { return count < 0 ? Value() : Value(int64_t{count}); }

bool AddRow(const Door& door, const SshdAccount& account, const Ways& ways, RowSink& sink) {
  const LeastSets sure = LeastSetsOf(ways, WayIn::kIn);
  const LeastSets maybe = LeastSetsOf(ways, WayIn::kMaybe);
  const WayIn all = ways.by_kinds[kFactorKinds - 1];
  const char* opens = all == WayIn::kIn ? "yes" : all == WayIn::kMaybe ? "maybe" : "no";
  return sink.Add({{"service", std::string(door.service)},
                   {"user", account.name},
                   {"uid", account.uid},
                   {"opens", std::string(opens)},
                   {"kinds", Count(sure.kinds)},
                   {"sets", TextOrNull(sure.sets)},
                   {"kinds_possible", Count(maybe.kinds)},
                   {"sets_possible", TextOrNull(maybe.sets)},
                   {"why", TextOrNull(sure.why)},
                   {"why_possible", TextOrNull(all == WayIn::kOut ? ways.why.back() : maybe.why)}});
}

absl::Status GenerateFactors(Env& env, const TableContext&, RowSink& sink) {
  std::vector<std::string> problems;
  const std::vector<SshdAccount> accounts = SshdAccounts(env, problems);
  const std::vector<std::string> services = PamServiceNames(env, problems);
  for (const std::string& problem : problems) sink.Incomplete(problem);
  const PamSubjects subjects(env);
  PamFiles files(env);
  PamModules modules(env);
  for (const Door& door : kDoors) {
    if (std::find(services.begin(), services.end(), door.service) == services.end()) continue;
    const PamService service = files.Load(door.service);
    for (const SshdAccount& account : accounts) {
      const bool root_itself = door.becomes_root && account.uid == 0;
      if (account.name.empty() || root_itself) continue;
      const PamSubject subject = SubjectOf(door, subjects, account.name);
      const Ways ways = BothWays(PamWays(service, true, subject, modules),
                                 PamWays(service, false, subject, modules));
      if (!AddRow(door, account, ways, sink)) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

Column Number(const char* name, const char* description) {
  return {.name = name, .type = ColumnType::kInteger, .description = description};
}

}  // namespace

Table pam_login_factors_table() {
  return {
      .name = "pam_login_factors",
      .description = "Proofs that get an account through PAM at the console, su, sudo and the like",
      .columns =
          {{.name = "service", .description = "PAM service, such as login, su or sudo"},
           {.name = "user",
            .description = "Account that logs in; of su and sudo: that asks to become root",
            .personal = "user"},
           {.name = "uid", .type = ColumnType::kBigint, .description = "User id"},
           {.name = "opens",
            .description = "With every proof at hand the account gets through: yes, maybe, no"},
           Number("kinds", "Least count of different kinds of proof that surely get through"),
           {.name = "sets", .description = "Smallest sets of proofs that surely get through"},
           Number("kinds_possible", "Least count that may get through; NULL: nothing does"),
           {.name = "sets_possible", .description = "Smallest sets that may get through"},
           {.name = "why", .description = "What line lets the smallest set through"},
           {.name = "why_possible",
            .description = "Why it is not certain what gets through, or why nothing does"}},
      .generate = GenerateFactors,
      .touches = [](Env& env, const Declared&) { return PamTouches(env, DoorNames()); }};
}

}  // namespace tom
