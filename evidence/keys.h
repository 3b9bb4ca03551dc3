// Signing keys: ECDSA P-256 with SHA-256 (hosts, people, packs) and Ed25519 (the ledger). All
// crypto is OpenSSL's.
//
// ECDSA signatures are DER with s in the lower half of the group order: (r, n-s) verifies as well
// as (r, s), and two spellings of one signature would be two envelopes. Ed25519 signatures are the
// 64 bytes of RFC 8032. Objects are immutable after construction and may be shared between threads.
#ifndef TOM_EVIDENCE_KEYS_H_
#define TOM_EVIDENCE_KEYS_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "evidence/digest.h"

struct evp_pkey_st;  // EVP_PKEY

namespace tom {

enum class KeyKind { kP256, kEd25519 };

class PublicKey {
 public:
  // DER SubjectPublicKeyInfo of a P-256 (named curve) or Ed25519 key; trailing bytes are refused.
  static absl::StatusOr<PublicKey> FromSpki(std::string_view der);
  static absl::StatusOr<PublicKey> FromPem(std::string_view pem);
  // The 32 bytes of an Ed25519 key.
  static absl::StatusOr<PublicKey> FromEd25519Raw(std::string_view raw);

  KeyKind kind() const { return kind_; }
  const std::string& spki() const { return spki_; }
  // SHA-256 of the SPKI: what `keyid` holds in envelopes.
  Digest KeyId() const { return Sha256(spki_); }
  // REQUIRES: kind() == kEd25519.
  std::string Ed25519Raw() const;

  // OK only for a good signature in the one spelling above.
  absl::Status Verify(std::string_view message, std::string_view signature) const;

  evp_pkey_st* get() const { return key_.get(); }

 private:
  PublicKey() = default;
  std::shared_ptr<evp_pkey_st> key_;
  KeyKind kind_ = KeyKind::kP256;
  std::string spki_;
  friend class PrivateKey;
};

class PrivateKey {
 public:
  static absl::StatusOr<PrivateKey> Generate(KeyKind kind);
  // PKCS#8 or traditional PEM, not encrypted.
  static absl::StatusOr<PrivateKey> FromPem(std::string_view pem);

  // PKCS#8 PEM. The caller writes it with mode 0600.
  std::string ToPem() const;
  const PublicKey& public_key() const { return public_key_; }
  absl::StatusOr<std::string> Sign(std::string_view message) const;

  evp_pkey_st* get() const { return public_key_.get(); }

 private:
  PrivateKey() = default;
  PublicKey public_key_;  // its EVP_PKEY holds the private part too
};

}  // namespace tom

#endif  // TOM_EVIDENCE_KEYS_H_
