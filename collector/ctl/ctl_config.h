// tomctl's configuration: where the collector is and which keys this person has. One table of keys
// says how each is called in the file, in the environment and as a flag.
#ifndef TOM_COLLECTOR_CTL_CTL_CONFIG_H_
#define TOM_COLLECTOR_CTL_CTL_CONFIG_H_

#include <array>
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

struct CtlKey {
  const char* name;  // in the file; TOM_NAME in the environment, --na-me as a flag
  std::string CtlConfig::*member;
  const char* meaning;
};

inline constexpr std::array<CtlKey, 15> kCtlKeys = {{
    {"collector", &CtlConfig::collector, "HOST:PORT of the collector's gRPC service"},
    {"ca_file", &CtlConfig::ca_file, "certificate that the collector's must be signed by"},
    {"cert_file", &CtlConfig::cert_file, "this person's TLS certificate"},
    {"key_file", &CtlConfig::key_file, "its key, readable by nobody else"},
    {"signing_cert_file", &CtlConfig::signing_cert_file, "operator's signing certificate"},
    {"signing_key_file", &CtlConfig::signing_key_file, "its key"},
    {"approver_cert_file", &CtlConfig::approver_cert_file, "approver's signing certificate"},
    {"approver_key_file", &CtlConfig::approver_key_file, "its key"},
    {"publisher_cert_file", &CtlConfig::publisher_cert_file, "publisher's certificate"},
    {"publisher_key_file", &CtlConfig::publisher_key_file, "its key"},
    {"pack_cert_file", &CtlConfig::pack_cert_file, "certificate that signs packs"},
    {"pack_key_file", &CtlConfig::pack_key_file, "its key"},
    {"trust_file", &CtlConfig::trust_file, "the installation's trust file"},
    {"tsa", &CtlConfig::tsa, "URL of the time-stamp authority for packs (RFC 3161)"},
    {"tsa_trust_file", &CtlConfig::tsa_trust_file, "PEM certificates it is believed by"},
}};

std::string CtlEnvironmentName(const CtlKey& key);  // "TOM_CA_FILE"
std::string CtlFlagName(const CtlKey& key);         // "--ca-file"

// Every key may be absent. Errors name file, line, column and key.
absl::StatusOr<CtlConfig> ParseCtlConfig(std::string_view yaml, const std::string& file);

// Every value that `over` has replaces the one in `config`.
void Override(CtlConfig& config, const CtlConfig& over);

struct CtlConfigFile {
  std::string path;
  bool asked_for = false;  // by flag or environment: then it must exist
};
// --config, else TOM_CONFIG, else $XDG_CONFIG_HOME/tom/tomctl.yaml, else ~/.config/tom/tomctl.yaml.
CtlConfigFile FindCtlConfig(const std::string& flag);

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
