// Enrolment tokens as text: "tom1.<base64url of the secret>.<SHA-256 of the CA's DER, hex>". The
// agent learns from it both what to show and whom to believe.
#ifndef TOM_COLLECTOR_CTL_TOKEN_TEXT_H_
#define TOM_COLLECTOR_CTL_TOKEN_TEXT_H_

#include <string>
#include <string_view>

#include "evidence/digest.h"

namespace tom {

inline constexpr size_t kTokenSecretBytes = 32;

std::string TokenText(std::string_view secret, const Digest& ca);

}  // namespace tom

#endif  // TOM_COLLECTOR_CTL_TOKEN_TEXT_H_
