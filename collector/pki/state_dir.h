// The collector's state folder: what `init` makes and `serve` reads.
//
//   ca.pem                   the installation's CA; its key stays with the operator
//   host-ca.pem host-ca.key  issues the TLS certificates of hosts, and is believed for nothing else
//   tls.pem tls.key          the collector's TLS certificate (followed by the CA) and key
//   log.key                  the ledger's Ed25519 key
//   trust.json               the trust file
//   store.db                 the store, unless the configuration names another
// Keys of people (operator, approver, publisher, pack signer) and of the CA are never in it:
// whoever takes the collector over can let hosts connect, but cannot make an operator.
#ifndef TOM_COLLECTOR_PKI_STATE_DIR_H_
#define TOM_COLLECTOR_PKI_STATE_DIR_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "collector/pki/issue.h"
#include "evidence/trust.h"

namespace tom {

struct InitOptions {
  std::string state;
  std::string operator_dir;  // outside `state`
  std::string origin;        // empty: "<first name>/tom"
  std::vector<std::string>
      names;            // DNS names and addresses of the collector; empty: localhost and loopback
  std::string address;  // host:port written into tomctl.yaml; empty: <first name>:8443
  UnixSeconds now = 0;
};

// Makes the state folder (0700), everything in it, and the operator's folder: the CA's key, keys
// and certificates of operator (signing, TLS), approver, publisher and pack signer, and
// tomctl.yaml. AlreadyExists where either holds anything; then nothing is changed.
absl::Status InitState(const InitOptions& options);

struct CollectorState {
  std::string dir;
  std::string ca_certificate;  // DER
  Issuer host_ca;
  std::string ca_pem;
  std::string host_ca_pem;
  std::string tls_pem;  // chain
  std::string tls_key_pem;
  PrivateKey log_key;
  Trust trust;
  std::string trust_bytes;
};

// Refuses keys that others can read, and parts that do not fit each other.
absl::StatusOr<CollectorState> LoadState(const std::string& dir);

}  // namespace tom

#endif  // TOM_COLLECTOR_PKI_STATE_DIR_H_
