#include "evidence/keys.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>

#include <utility>

#include "evidence/openssl_ptr.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

using EcdsaSigPtr = std::unique_ptr<ECDSA_SIG, OpensslFree<ECDSA_SIG_free>>;

// The fixed beginnings of an SPKI: RFC 5480 (named curve, uncompressed point of 64 bytes) and RFC
// 8410. What starts otherwise - explicit curves, compressed points - is another spelling of a key
// and refused.
constexpr std::string_view kP256Prefix(
    "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
    "\x03\x42\x00\x04",
    27);
constexpr std::string_view kEd25519Prefix("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12);
constexpr size_t kP256Bytes = 91;
constexpr size_t kEd25519Bytes = 44;

// Half of the order of P-256, rounded down (SP 800-186 section 3.2.1.3): the largest s that counts
// as low.
constexpr char kHalfOrder[] = "7FFFFFFF800000007FFFFFFFFFFFFFFFDE737D56D38BCF4279DCE5617E3192A8";
constexpr char kOrder[] = "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551";

BignumPtr Number(const char* hex) {
  BIGNUM* number = nullptr;
  BN_hex2bn(&number, hex);
  return BignumPtr(number);
}

bool IsLow(const BIGNUM* s) { return BN_cmp(s, Number(kHalfOrder).get()) <= 0; }

EcdsaSigPtr ReadSignature(std::string_view der) {
  const unsigned char* at = Bytes(der);
  EcdsaSigPtr signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (signature == nullptr || ToDer<i2d_ECDSA_SIG>(signature.get()) != der) return nullptr;
  return signature;
}

absl::Status CheckSpelling(std::string_view der) {
  // 72 bytes is the longest DER of two 256-bit integers.
  const EcdsaSigPtr signature = der.size() > 72 ? nullptr : ReadSignature(der);
  if (signature == nullptr) {
    TakeOpensslError();
    return BadData("signature: not the DER of an ECDSA signature");
  }
  if (!IsLow(ECDSA_SIG_get0_s(signature.get()))) return BadData("signature: s is not low");
  return absl::OkStatus();
}

// The same signature with the low one of s and n-s.
absl::StatusOr<std::string> WithLowS(std::string der) {
  const EcdsaSigPtr signature = ReadSignature(der);
  if (signature == nullptr) return absl::InternalError("signing gave no DER");
  if (IsLow(ECDSA_SIG_get0_s(signature.get()))) return der;
  BignumPtr low(BN_new());
  BignumPtr r(BN_dup(ECDSA_SIG_get0_r(signature.get())));
  if (low == nullptr || r == nullptr ||
      BN_sub(low.get(), Number(kOrder).get(), ECDSA_SIG_get0_s(signature.get())) != 1 ||
      ECDSA_SIG_set0(signature.get(), r.get(), low.get()) != 1) {
    return absl::InternalError("signing: out of memory");
  }
  (void)r.release();    // now the signature's
  (void)low.release();  // likewise
  return ToDer<i2d_ECDSA_SIG>(signature.get());
}

const EVP_MD* DigestFor(KeyKind kind) {
  return kind == KeyKind::kP256 ? EVP_sha256() : nullptr;  // Ed25519 hashes by itself
}

// A PEM that is encrypted is an error, never a question on the terminal.
int NoPassword(char*, int, int, void*) { return -1; }

}  // namespace

absl::StatusOr<PublicKey> PublicKey::FromSpki(std::string_view der) {
  PublicKey key;
  if (der.size() == kP256Bytes && der.starts_with(kP256Prefix)) {
    key.kind_ = KeyKind::kP256;
  } else if (der.size() == kEd25519Bytes && der.starts_with(kEd25519Prefix)) {
    key.kind_ = KeyKind::kEd25519;
  } else {
    return BadData(
        "public key: not the SPKI of a P-256 (named curve, uncompressed) or Ed25519 key");
  }
  const unsigned char* at = Bytes(der);
  EvpPkeyPtr parsed(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  if (parsed == nullptr) return BadData("public key: " + TakeOpensslError());
  key.key_ = std::move(parsed);
  key.spki_ = der;
  return key;
}

absl::StatusOr<PublicKey> PublicKey::FromPem(std::string_view pem) {
  const BioPtr bio = ReadBio(pem);
  const EvpPkeyPtr parsed(
      bio == nullptr ? nullptr : PEM_read_bio_PUBKEY(bio.get(), nullptr, NoPassword, nullptr));
  if (parsed == nullptr) return BadData("public key: not a PEM: " + TakeOpensslError());
  return FromSpki(ToDer<i2d_PUBKEY>(parsed.get()));
}

absl::StatusOr<PublicKey> PublicKey::FromEd25519Raw(std::string_view raw) {
  if (raw.size() != 32) return BadData("public key: an Ed25519 key is 32 bytes");
  return FromSpki(std::string(kEd25519Prefix) + std::string(raw));
}

std::string PublicKey::Ed25519Raw() const { return spki_.substr(kEd25519Prefix.size()); }

absl::Status PublicKey::Verify(std::string_view message, std::string_view signature) const {
  if (kind_ == KeyKind::kP256) TOM_RETURN_IF_ERROR(CheckSpelling(signature));
  if (kind_ == KeyKind::kEd25519 && signature.size() != 64) {
    return BadData("signature: an Ed25519 signature is 64 bytes");
  }
  const EvpMdCtxPtr context(EVP_MD_CTX_new());
  if (context == nullptr ||
      EVP_DigestVerifyInit(context.get(), nullptr, DigestFor(kind_), nullptr, key_.get()) != 1) {
    return absl::InternalError(ToAbsl("signature: cannot verify: " + TakeOpensslError()));
  }
  if (EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(message),
                       message.size()) != 1) {
    TakeOpensslError();
    return BadData("signature: does not verify with this key");
  }
  return absl::OkStatus();
}

absl::StatusOr<PrivateKey> PrivateKey::Generate(KeyKind kind) {
  EvpPkeyPtr made(kind == KeyKind::kP256 ? EVP_EC_gen("P-256")
                                         : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (made == nullptr) return absl::InternalError(ToAbsl("key: " + TakeOpensslError()));
  PrivateKey key;
  TOM_ASSIGN_OR_RETURN(key.public_key_, PublicKey::FromSpki(ToDer<i2d_PUBKEY>(made.get())));
  key.public_key_.key_ = std::move(made);
  return key;
}

absl::StatusOr<PrivateKey> PrivateKey::FromPem(std::string_view pem) {
  const BioPtr bio = ReadBio(pem);
  EvpPkeyPtr parsed(
      bio == nullptr ? nullptr : PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassword, nullptr));
  if (parsed == nullptr) {
    return BadData("private key: not an unencrypted PEM: " + TakeOpensslError());
  }
  PrivateKey key;
  TOM_ASSIGN_OR_RETURN(key.public_key_, PublicKey::FromSpki(ToDer<i2d_PUBKEY>(parsed.get())));
  key.public_key_.key_ = std::move(parsed);
  return key;
}

std::string PrivateKey::ToPem() const {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  if (bio == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    std::abort();  // out of memory: no key may be half written
  }
  return BioText(bio.get());
}

absl::StatusOr<std::string> PrivateKey::Sign(std::string_view message) const {
  const EvpMdCtxPtr context(EVP_MD_CTX_new());
  const KeyKind kind = public_key_.kind();
  size_t size = 0;
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, DigestFor(kind), nullptr, get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, Bytes(message), message.size()) != 1) {
    return absl::InternalError(ToAbsl("signing: " + TakeOpensslError()));
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     Bytes(message), message.size()) != 1) {
    return absl::InternalError(ToAbsl("signing: " + TakeOpensslError()));
  }
  signature.resize(size);
  if (kind == KeyKind::kEd25519) return signature;
  return WithLowS(std::move(signature));
}

}  // namespace tom
