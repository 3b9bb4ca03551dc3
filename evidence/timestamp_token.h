// The frame of a time-stamp token: everything around TSTInfo and signed attributes that no
// signature covers. Part of timestamp.cc; shows OpenSSL's types, so not for others.
#ifndef TOM_EVIDENCE_TIMESTAMP_TOKEN_H_
#define TOM_EVIDENCE_TIMESTAMP_TOKEN_H_

#include <openssl/pkcs7.h>

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "evidence/openssl_ptr.h"

namespace tom {

using Pkcs7Ptr = std::unique_ptr<PKCS7, OpensslFree<PKCS7_free>>;

// "time-stamp: <problem>", and an empty OpenSSL error queue.
absl::Status RefuseTimeStamp(std::string_view problem);

// DER, signed data with one signer and embedded TSTInfo, SHA-2, no unsigned attributes, no
// revocation lists.
absl::StatusOr<Pkcs7Ptr> ParseTimeStampToken(std::string_view der);

// What the signer's certificate lets us check of the rest: versions, issuer and serial to the byte,
// algorithms that agree with each other and with the key. After this every byte of the token
// counts.
absl::Status CheckTimeStampFrame(PKCS7* token, X509* signer);

// Refuses a certificate inside that is neither in `chain` nor the self-signed issuer of its end:
// unsigned, it could be anything, and would let one stamp have many spellings.
absl::Status CheckTimeStampSurplus(STACK_OF(X509) * inside, STACK_OF(X509) * chain);

}  // namespace tom

#endif  // TOM_EVIDENCE_TIMESTAMP_TOKEN_H_
