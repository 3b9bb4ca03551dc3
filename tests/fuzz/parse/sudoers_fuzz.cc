// Whatever the bytes: the reader ends, what it says fits together, and every account gets an answer
// in bounded time.
#include "checks/parse/sudo_policy.h"
#include "checks/parse/sudoers_file.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  SudoersFile file = ParseSudoers(input);
  TOM_FUZZ_CHECK(file.problems.size() <= 100);
  TOM_FUZZ_CHECK(file.order.size() ==
                 file.user_specs.size() + file.defaults.size() + file.includes.size());
  SudoersLines(input);
  SudoPolicy policy;
  for (SudoUserSpec& spec : file.user_specs) {
    TOM_FUZZ_CHECK(spec.line > 0 && !spec.users.empty() && !spec.privileges.empty());
    policy.user_specs.push_back({std::move(spec), "/etc/sudoers"});
  }
  policy.defaults = std::move(file.defaults);
  for (SudoAlias& alias : file.aliases) policy.aliases[{alias.kind, alias.name}] = alias;
  const SudoPerson alice{.name = "alice", .uid = 1000, .groups = {{"sudo", 27}, {"ops", 1100}}};
  const SudoPerson root{.name = "root", .uid = 0, .groups = {{"root", 0}}};
  SudoResolver resolver(policy, {.name = "web1", .full_name = "web1", .now = 0, .roots = {root}});
  for (const SudoPerson& person : {alice, root}) {
    bool cut = false;
    for (const SudoGrant& grant : resolver.Grants(person, cut)) {
      TOM_FUZZ_CHECK(grant.rule != nullptr && grant.command.kind != SudoMember::Kind::kAlias);
      TOM_FUZZ_CHECK(!grant.overridden || grant.as_root == false);
      TOM_FUZZ_CHECK(person.uid != 0 || !grant.authenticate);
      SudoMemberText(grant.command);
    }
  }
  TOM_FUZZ_CHECK(SudoStrangers(policy, {alice, root}).size() <= 1000);
}
