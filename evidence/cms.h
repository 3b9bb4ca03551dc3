// CAdES signatures of packs, verifier's side: detached CMS SignedData (RFC 5652) with CAdES
// baseline attributes (ETSI EN 319 122-1 level B-B, B-T with a time-stamp), judged far more
// narrowly than CMS_verify does.
//
// One spelling: the whole structure is rebuilt from its parts and must equal the input, so nothing
// outside the signature (versions, algorithm parameters, surplus certificates or attributes, long
// lengths) can be altered unseen.
#ifndef TOM_EVIDENCE_CMS_H_
#define TOM_EVIDENCE_CMS_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "evidence/utc_time.h"

namespace tom {

struct DetachedSignature {
  std::string signer_der;        // the one certificate inside
  UnixSeconds signing_time = 0;  // what the signer claims; only a time-stamp proves it
  std::string
      signature;  // the signature value: a signature-time-stamp's imprint is SHA-256 of this
  std::optional<std::string>
      token;  // DER of the signature-time-stamp, unjudged: see VerifyTimeStamp
};

// Checks a DER SignedData over `content`: exactly one signer with its certificate and no other
// inside, ECDSA P-256 with SHA-256, signed attributes content-type (data), message-digest,
// signing-time and ESS signing-certificate-v2 of that very certificate, each once; at most the
// signature-time-stamp unsigned; the certificate's one extended key usage is documentSigning.
// Further signed attributes are allowed, for the signer vouches for them.
//
// Whether the certificate is to be believed is the caller's to ask: VerifyCertificate(signer_der,
// ca, Purpose::kPackSigner, time of the stamp), not of today.
absl::StatusOr<DetachedSignature> VerifyDetachedCms(std::string_view cms_der,
                                                    std::string_view content);

}  // namespace tom

#endif  // TOM_EVIDENCE_CMS_H_
