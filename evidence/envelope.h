// DSSE v1 envelopes with exactly one signature (github.com/secure-systems-lab/dsse, protocol.md).
//
// A statement's digest is SHA-256 of its PAE bytes - never of envelope or signature - so that two
// spellings of one signature are still one statement. Signatures are checked over the received
// bytes before anything is parsed.
#ifndef TOM_EVIDENCE_ENVELOPE_H_
#define TOM_EVIDENCE_ENVELOPE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "evidence/digest.h"
#include "evidence/keys.h"

namespace tom {

inline constexpr std::string_view kPayloadType = "application/vnd.in-toto+json";

// "DSSEv1 <length> <type> <length> <payload>", the lengths in ASCII decimal.
std::string PreAuthEncoding(std::string_view payload_type, std::string_view payload);

// SHA-256 of PreAuthEncoding(kPayloadType, payload).
Digest StatementDigest(std::string_view payload);

struct Envelope {
  std::string payload;    // the statement's bytes, as received
  std::string signature;  // DER ECDSA (low s) or 64 bytes of Ed25519
  std::string keyid;      // 64 hex digits: SHA-256 of the SPKI; a hint that selects nothing

  Digest StatementDigest() const { return tom::StatementDigest(payload); }
};

absl::StatusOr<Envelope> SignEnvelope(std::string payload, const PrivateKey& key);
absl::Status VerifyEnvelope(const Envelope& envelope, const PublicKey& key);

// The DSSE JSON form, for files: {"payload","payloadType","signatures":[{"keyid","sig"}]},
// canonical.
std::string EnvelopeToJson(const Envelope& envelope);
// Refuses other payload types, several signatures and unknown members.
absl::StatusOr<Envelope> EnvelopeFromJson(std::string_view bytes);

}  // namespace tom

#endif  // TOM_EVIDENCE_ENVELOPE_H_
