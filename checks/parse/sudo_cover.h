// Which rule takes another one's place. Internal to sudo_policy.
#ifndef TOM_CHECKS_PARSE_SUDO_COVER_H_
#define TOM_CHECKS_PARSE_SUDO_COVER_H_

#include <vector>

#include "checks/parse/sudo_matcher.h"
#include "checks/parse/sudo_policy.h"

namespace tom {

// Whatever `other` matches, `one` matches too: certainly so, without a look at files. Negation and
// digests of `other` do not matter; with digests of its own `one` covers nothing.
bool SudoCommandCovers(const SudoMember& one, const SudoMember& other);

// A rule for a person, without its command.
SudoGrant SudoGrantOf(const SudoCommand& rule, const SudoPerson& person,
                      const SudoSettings& settings, SudoMatcher& matcher);

// Marks what later grants decide instead, for root apart from other users. False: too many to tell,
// and some are not marked.
bool SudoMarkOverridden(std::vector<SudoGrant>& grants);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_SUDO_COVER_H_
