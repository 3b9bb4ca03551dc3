// What it takes to log in over SSH, worked out of one context's settings.
#ifndef TOM_CHECKS_TABLES_SSHD_LOGINS_H_
#define TOM_CHECKS_TABLES_SSHD_LOGINS_H_

#include <optional>
#include <string>
#include <vector>

#include "checks/tables/sshd_view.h"

namespace tom {

// One alternative: all of its methods are demanded together.
struct SshdAlternative {
  std::string methods;  // "publickey,password", as AuthenticationMethods has it
  int public_keys = 0;  // how often each is demanded
  int passwords = 0;
  int keyboard_interactive = 0;
  int gssapi = 0;
  int host_based = 0;
  int none = 0;
  bool enabled = true;  // every method of it is switched on
};

// Of AuthenticationMethods; "any" becomes one alternative for each method that is on. Nothing: a
// setting that decides is not known.
std::optional<std::vector<SshdAlternative>> SshdAlternatives(const SshdSettings& settings);

// AllowUsers, DenyUsers, AllowGroups and DenyGroups let the account in (auth.c, allowed_user), at
// least from some address: "user@host" lets the user in when it stands in AllowUsers and keeps
// nobody out in DenyUsers. Nothing: the account is one that no local file names, and a list is
// there.
std::optional<bool> SshdAdmits(const SshdContext& context);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_SSHD_LOGINS_H_
