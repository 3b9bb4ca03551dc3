// What the configuration says about accounts: one row for each name in a list. Reads nothing.
#include "checks/engine/table.h"

namespace tom {
namespace {

bool AddNames(const char* list, const std::vector<std::string>& names, RowSink& sink) {
  for (const std::string& name : names) {
    if (!sink.Add({{"list", list}, {"username", name}})) return false;
  }
  return true;
}

absl::Status GenerateDeclaredAccounts(Env&, const TableContext& context, RowSink& sink) {
  const DeclaredAccounts& accounts = context.declared.accounts;
  AddNames("administrators", accounts.administrators, sink) &&
      AddNames("leavers", accounts.leavers, sink) &&
      AddNames("service_shells", accounts.service_shells, sink) &&
      AddNames("nopasswd_allowed", accounts.nopasswd_allowed, sink);
  return absl::OkStatus();
}

}  // namespace

Table declared_accounts_table() {
  return {
      .name = "declared_accounts",
      .description = "Accounts named in the configuration's lists (accounts)",
      .columns = {{.name = "list",
                   .description = "administrators, leavers, service_shells or nopasswd_allowed"},
                  {.name = "username", .description = "Login name", .personal = "user"}},
      .generate = GenerateDeclaredAccounts};
}

}  // namespace tom
