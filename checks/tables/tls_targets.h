// Which endpoints tls_endpoints looks at: those that the configuration declares, and every TCP
// listener of this host.
#ifndef TOM_CHECKS_TABLES_TLS_TARGETS_H_
#define TOM_CHECKS_TABLES_TLS_TARGETS_H_

#include <string>
#include <vector>

#include "checks/engine/declared.h"
#include "checks/env/env.h"

namespace tom {

struct TlsTarget {
  TcpTarget target;
  std::string host;               // as the row shows it
  std::string server_name;        // looked for in the certificate; empty = none known
  std::string sni;                // the same, where it is a DNS name: no address is sent (RFC 6066)
  std::string starttls = "none";  // as declared
  std::string ca_file;
  bool declared = false;
  int64_t listener = 0;  // inode of this host's socket that seems to answer there; 0 = none
  std::string
      reach;  // address_reach.h: of the declared address, or of what the listener is bound to
  std::string problem;  // why it cannot be asked; empty = it can
};

struct TlsTargets {
  std::vector<TlsTarget> targets;       // declared ones first
  std::vector<std::string> incomplete;  // what was not read
};

// Resolves names (at most 5 s). A listener on all addresses is asked on loopback; one that a
// declared endpoint already reaches is left to that.
TlsTargets FindTlsTargets(Env& env, const Declared& declared);

// The door's policy out of the configuration.
TcpPolicy PolicyOf(const Declared& declared);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_TLS_TARGETS_H_
