// The signing side of a pack: CAdES signature and RFC 3161 time-stamps, through OpenSSL.
#ifndef TOM_COLLECTOR_PACK_PACK_SIGNATURE_H_
#define TOM_COLLECTOR_PACK_PACK_SIGNATURE_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "evidence/digest.h"
#include "evidence/keys.h"

namespace tom {

struct PackSigner {
  std::string certificate_der;  // purpose pack-signer
  PrivateKey key;
};

// Gives a DER TimeStampToken over an imprint. May be empty where there is no authority: the pack is
// then visibly unstamped.
using StampFetcher = std::function<absl::StatusOr<std::string>(const Digest& imprint)>;

// Detached CMS SignedData over `content` with content-type, message-digest, signing-time (now) and
// signing-certificate-v2, and with a signature-time-stamp where `stamp` is not empty. What
// VerifyDetachedCms accepts. Fails when key and certificate do not belong together, or no stamp
// could be had.
absl::StatusOr<std::string> SignDetachedCms(std::string_view content, const PackSigner& signer,
                                            const StampFetcher& stamp);

}  // namespace tom

#endif  // TOM_COLLECTOR_PACK_PACK_SIGNATURE_H_
