// Judges a server's certificate offline: its chain, dates, name, key and signature (RFC 5280, RFC
// 6125: no name from the subject, no partial wildcard). Nothing is fetched, no revocation is asked
// for.
#ifndef TOM_CHECKS_TABLES_CERTIFICATE_JUDGE_H_
#define TOM_CHECKS_TABLES_CERTIFICATE_JUDGE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checks/env/env.h"
#include "checks/parse/tls_suites.h"

namespace tom {

struct CertificateFacts {
  std::optional<bool> valid;  // a chain to an authority, dates, purpose, strength; no name
  std::string error;          // everything that is wrong, the name too, blank-separated by "; "
  std::optional<bool> name_matches;  // unknown without a name
  UnixSeconds not_after = 0;
  int64_t days_left = 0;  // rounded down
  std::string key_type;   // RSA, EC, ED25519, ...
  int64_t key_bits = 0;
  bool weak_key = false;  // below RSA 2048 or P-256
  std::string signature_algorithm;
  bool weak_signature = false;    // MD5 or SHA-1, in any certificate of the chain but a root
  std::string weak_signature_of;  // the subject of the first of them
  bool self_signed = false;
  // Whether what was sent leads to one of the authorities; nothing where these cannot be read.
  std::optional<bool> chain_complete;
  std::string chain_error;  // what is missing
  std::string root;         // the subject of the authority that it leads to
};

// Keeps the authorities it has read. Not thread-safe.
class CertificateJudge {
 public:
  explicit CertificateJudge(Env& env);  // must outlive this
  ~CertificateJudge();
  CertificateJudge(const CertificateJudge&) = delete;
  CertificateJudge& operator=(const CertificateJudge&) = delete;

  // `chain` is DER as sent, the server's own first, not empty. `name`: a DNS name or a numeric
  // address, empty = none is known. `ca_file`: the authorities in place of the system's; empty =
  // the system's.
  CertificateFacts Judge(const std::vector<std::string>& chain, const std::string& name,
                         const std::string& ca_file);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// RSA or ECDSA by the certificate's key (EdDSA counts as ECDSA, whose suites it uses); kAny for
// another or one that cannot be read.
SuiteKey CertificateKey(const std::string& der);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_CERTIFICATE_JUDGE_H_
