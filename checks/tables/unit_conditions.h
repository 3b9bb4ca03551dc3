// Condition…= and Assert…= of a unit (systemd.unit(5), "Conditions and Asserts"; condition.c of
// systemd 252): what keeps an enabled unit from starting without a word from systemctl is-enabled.
#ifndef TOM_CHECKS_TABLES_UNIT_CONDITIONS_H_
#define TOM_CHECKS_TABLES_UNIT_CONDITIONS_H_

#include <optional>

#include "checks/env/env.h"
#include "checks/parse/unit_file.h"

namespace tom {

// Whether they all hold on this host; nothing where that is not known. On batteries, inside a
// container and without a capability: taken as not so, which is what units ask of a server.
std::optional<bool> ConditionsHold(Env& env, const UnitFile& content);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_UNIT_CONDITIONS_H_
