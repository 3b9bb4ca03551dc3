// ~/.config/tom/tomctl.yaml: where the collector is and which keys this person has.
#ifndef TOM_COLLECTOR_CTL_CTL_CONFIG_H_
#define TOM_COLLECTOR_CTL_CTL_CONFIG_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "evidence/certificate.h"
#include "evidence/keys.h"

namespace tom {

// Paths are as written, ~ not expanded; empty = not given.
struct CtlConfig {
  std::string collector;  // host:port
  std::string ca_file;
  std::string cert_file;  // TLS, purpose operator-tls
  std::string key_file;
  std::string signing_cert_file;  // purpose operator
  std::string signing_key_file;
  std::string approver_cert_file;
  std::string approver_key_file;
  std::string publisher_cert_file;
  std::string publisher_key_file;
  std::string pack_cert_file;
  std::string pack_key_file;
  std::string trust_file;
  std::string tsa;             // URL of the time-stamp authority for packs
  std::string tsa_trust_file;  // PEM certificates that its stamps are believed by
};

// Errors name file, line, column and key.
absl::StatusOr<CtlConfig> ParseCtlConfig(std::string_view yaml, const std::string& file);

// --config, else TOM_CONFIG, else $XDG_CONFIG_HOME/tom/tomctl.yaml, else ~/.config/tom/tomctl.yaml.
std::string CtlConfigPath(const std::string& flag);

// A certificate with its key, which nobody else may read. `what` names the two in errors:
// "signing".
struct KeyPair {
  CertificateInfo certificate;
  PrivateKey key;
};
absl::StatusOr<KeyPair> LoadKeyPair(const std::string& cert_file, const std::string& key_file,
                                    const std::string& what);

}  // namespace tom

#endif  // TOM_COLLECTOR_CTL_CTL_CONFIG_H_
