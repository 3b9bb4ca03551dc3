#include "evidence/envelope.h"

#include "evidence/canonical_json.h"
#include "evidence/limits.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// A payload of the largest kind (an inventory of many systems) in base64, and the few members
// around it.
constexpr size_t kMaxEnvelopeBytes = limits::kMaxStatementBytes / 3 * 4 + 4096;

absl::Status ReadSignature(const Json* signatures, Envelope& envelope) {
  if (signatures == nullptr) return BadData("envelope.signatures: missing");
  if (signatures->AsArray().size() != 1)
    return BadData("envelope.signatures: expected exactly one");
  FieldReader fields(signatures->AsArray().front(), "envelope.signatures[0]");
  envelope.keyid = fields.Hex("keyid", 64);
  envelope.signature = fields.Bytes("sig");
  if (envelope.signature.empty()) fields.Fail("sig", "empty");
  return fields.Finish();
}

}  // namespace

std::string PreAuthEncoding(std::string_view payload_type, std::string_view payload) {
  std::string pae = "DSSEv1 ";
  pae.reserve(pae.size() + payload_type.size() + payload.size() + 24);
  pae += std::to_string(payload_type.size());
  pae += ' ';
  pae += payload_type;
  pae += ' ';
  pae += std::to_string(payload.size());
  pae += ' ';
  pae += payload;
  return pae;
}

Digest StatementDigest(std::string_view payload) {
  return Sha256(PreAuthEncoding(kPayloadType, payload));
}

absl::StatusOr<Envelope> SignEnvelope(std::string payload, const PrivateKey& key) {
  Envelope envelope;
  TOM_ASSIGN_OR_RETURN(envelope.signature, key.Sign(PreAuthEncoding(kPayloadType, payload)));
  envelope.payload = std::move(payload);
  envelope.keyid = key.public_key().KeyId().Hex();
  return envelope;
}

absl::Status VerifyEnvelope(const Envelope& envelope, const PublicKey& key) {
  return key.Verify(PreAuthEncoding(kPayloadType, envelope.payload), envelope.signature);
}

std::string EnvelopeToJson(const Envelope& envelope) {
  Json::Object signature{{"keyid", envelope.keyid}, {"sig", Base64Encode(envelope.signature)}};
  return Canonical(Json::Object{{"payload", Base64Encode(envelope.payload)},
                                {"payloadType", kPayloadType},
                                {"signatures", Json::Array{std::move(signature)}}});
}

absl::StatusOr<Envelope> EnvelopeFromJson(std::string_view bytes) {
  if (bytes.size() > kMaxEnvelopeBytes) return BadData("envelope: too large");
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(bytes));
  Envelope envelope;
  FieldReader fields(json, "envelope");
  envelope.payload = fields.Bytes("payload");
  if (fields.String("payloadType") != kPayloadType) {
    fields.Fail("payloadType", "expected " + std::string(kPayloadType));
  }
  const Json* signatures = fields.Array("signatures");
  TOM_RETURN_IF_ERROR(fields.Finish());
  TOM_RETURN_IF_ERROR(ReadSignature(signatures, envelope));
  return envelope;
}

}  // namespace tom
