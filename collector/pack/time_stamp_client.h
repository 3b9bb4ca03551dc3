// Asks a time-stamp authority over HTTP (RFC 3161, section 3.4).
#ifndef TOM_COLLECTOR_PACK_TIME_STAMP_CLIENT_H_
#define TOM_COLLECTOR_PACK_TIME_STAMP_CLIENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "evidence/digest.h"

namespace tom {

struct TimeStampSource {
  std::string url;  // http:// or https://
  int timeout_seconds = 20;
  int attempts = 3;  // one second apart, then two
};

// The DER TimeStampToken over SHA-256 `imprint`. The reply must be granted and answer this very
// request (imprint and nonce); whether its authority is to be believed is VerifyTimeStamp's to say.
// Redirects are not followed and a reply over 64 KiB is refused. Unavailable when no attempt was
// answered.
absl::StatusOr<std::string> FetchTimeStamp(const TimeStampSource& source, const Digest& imprint);

// The two halves, for those who bring their own transport.
absl::StatusOr<std::string> TimeStampRequest(const Digest& imprint, uint64_t nonce);
absl::StatusOr<std::string> TokenFromReply(std::string_view reply, const Digest& imprint,
                                           uint64_t nonce);

}  // namespace tom

#endif  // TOM_COLLECTOR_PACK_TIME_STAMP_CLIENT_H_
