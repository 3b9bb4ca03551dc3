// The trust file: what a verifier or an agent trusts first (records.md "Ledger and time").
#ifndef TOM_EVIDENCE_TRUST_H_
#define TOM_EVIDENCE_TRUST_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tom {

struct Trust {
  std::string ca_pem;
  std::string log_vkey;
  std::string origin;
  std::string first_checkpoint;  // signed note
  std::string publisher_pem;
};

std::string EncodeTrust(const Trust& trust);
// Strict, and checks that the parts fit: certificates parse, the vkey's name is the origin, the
// checkpoint verifies.
absl::StatusOr<Trust> ParseTrust(std::string_view bytes);

}  // namespace tom

#endif  // TOM_EVIDENCE_TRUST_H_
