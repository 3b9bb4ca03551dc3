// One look at every endpoint: what the tables over TLS share. What was found out is kept in the
// door's memory, so that one evaluation asks once, however many tables read it, and the next ones
// ask again only when there is a reason (tls_memory.h).
#ifndef TOM_CHECKS_TABLES_TLS_LOOK_H_
#define TOM_CHECKS_TABLES_TLS_LOOK_H_

#include <functional>
#include <string>
#include <vector>

#include "checks/engine/declared.h"
#include "checks/env/env.h"
#include "checks/tables/tls_endpoint_probe.h"
#include "checks/tables/tls_targets.h"

namespace tom {

struct TlsLooked {
  TlsTarget target;
  TlsFindings findings;      // its outcome and error stand for what was not asked, too
  UnixSeconds asked_at = 0;  // 0 = it was not
};

struct TlsLook {
  std::vector<TlsLooked> endpoints;  // declared ones first
  std::vector<std::string> incomplete;
};

enum class TlsDepth {
  kVersions,  // and the default host's: of the rest only what was found out before is there
  kAll,
};

// At the targets that `wanted` takes: all, where it is null. Targets come from the configuration
// and the kernel's list of listeners alone.
TlsLook LookAtTls(Env& env, const Declared& declared, TlsDepth depth = TlsDepth::kAll,
                  const std::function<bool(const TlsTarget&)>& wanted = nullptr);

// "smtp", …: of a declared endpoint as declared, of one that was found as it speaks; else "none".
std::string StarttlsOf(const TlsLooked& looked);

// The name that the certificate has to be for; empty = none is known.
std::string NameToMatch(const TlsTarget& target);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_TLS_LOOK_H_
