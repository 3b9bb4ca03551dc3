// RFC 3161 time-stamp tokens: what a stamp proves, judged off-line.
#ifndef TOM_EVIDENCE_TIMESTAMP_H_
#define TOM_EVIDENCE_TIMESTAMP_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/digest.h"
#include "evidence/utc_time.h"

namespace tom {

struct TimeStamp {
  UnixSeconds time = 0;
  std::string authority;  // the signer's subject, RFC 2253
};

// Checks a DER TimeStampToken over SHA-256 `imprint`: version, imprint, signature, ESS signing
// certificate, critical EKU timeStamping alone, and a chain to one of `authorities` (DER
// certificates; a self-signed authority may be the stamping one) that was valid at the token's own
// time. Trailing bytes and accuracies over 60 s are refused.
absl::StatusOr<TimeStamp> VerifyTimeStamp(std::string_view token_der, const Digest& imprint,
                                          const std::vector<std::string>& authorities);

}  // namespace tom

#endif  // TOM_EVIDENCE_TIMESTAMP_H_
