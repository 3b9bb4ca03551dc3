// An enrolment token: "tom1.<base64url secret>.<SHA-256 of the CA's DER, hex>". It comes from a
// file only: an argument would stand in every process list and shell history.
#ifndef TOM_AGENT_TOKEN_H_
#define TOM_AGENT_TOKEN_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "evidence/digest.h"

namespace tom {

struct EnrolmentToken {
  std::string secret;  // raw bytes, 16 to 64
  Digest ca;           // of the CA certificate's DER: the only CA this enrolment believes
};

// One line; a newline at its end is fine. Messages never hold the secret.
absl::StatusOr<EnrolmentToken> ParseToken(std::string_view text);
absl::StatusOr<EnrolmentToken> ReadTokenFile(const std::string& path);

}  // namespace tom

#endif  // TOM_AGENT_TOKEN_H_
