#include "evidence/timestamp_token.h"

#include <openssl/objects.h>

#include <string>

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxTokenBytes = 64 << 10;

PKCS7_SIGNER_INFO* OnlySigner(PKCS7* token) {
  auto* signers = PKCS7_get_signer_info(token);
  return sk_PKCS7_SIGNER_INFO_num(signers) == 1 ? sk_PKCS7_SIGNER_INFO_value(signers, 0) : nullptr;
}

bool IsSha2(const X509_ALGOR* algorithm) {
  const int nid = OBJ_obj2nid(algorithm->algorithm);
  return nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512;
}

// RFC 5754 section 2: parameters are absent or NULL.
bool HasPlainParameters(const X509_ALGOR* algorithm) {
  return algorithm->parameter == nullptr || algorithm->parameter->type == V_ASN1_NULL;
}

// The signed attributes name the content's type, so that no other signature of the same key can be
// passed off.
bool HasTstContentType(PKCS7_SIGNER_INFO* signer) {
  const ASN1_TYPE* type = PKCS7_get_signed_attribute(signer, NID_pkcs9_contentType);
  return type != nullptr && type->type == V_ASN1_OBJECT &&
         OBJ_obj2nid(type->value.object) == NID_id_smime_ct_TSTInfo;
}

// `rsaEncryption` (as most authorities write it) or the pair of digest and key, such as
// ecdsa-with-SHA256.
bool FitsKey(const X509_ALGOR* signature, const X509_ALGOR* digest, X509* signer) {
  const EVP_PKEY* key = X509_get0_pubkey(signer);
  const int key_nid = key == nullptr ? NID_undef : EVP_PKEY_get_base_id(key);
  const int nid = OBJ_obj2nid(signature->algorithm);
  int wanted = NID_undef;
  if (key_nid == EVP_PKEY_RSA && nid == NID_rsaEncryption) return true;
  return key_nid != NID_undef &&
         OBJ_find_sigid_by_algs(&wanted, OBJ_obj2nid(digest->algorithm), key_nid) == 1 &&
         nid == wanted;
}

bool Equals(const ASN1_INTEGER* number, long value) {
  int64_t read = 0;
  return ASN1_INTEGER_get_int64(&read, number) == 1 && read == value;
}

}  // namespace

absl::Status RefuseTimeStamp(std::string_view problem) {
  TakeOpensslError();
  return BadData("time-stamp: " + std::string(problem));
}

absl::StatusOr<Pkcs7Ptr> ParseTimeStampToken(std::string_view der) {
  if (der.size() > kMaxTokenBytes) return RefuseTimeStamp("larger than 64 KiB");
  const unsigned char* at = Bytes(der);
  Pkcs7Ptr token(d2i_PKCS7(nullptr, &at, static_cast<long>(der.size())));
  if (token == nullptr) return RefuseTimeStamp("not a token");
  if (ToDer<i2d_PKCS7>(token.get()) != der) return RefuseTimeStamp("trailing bytes, or not DER");
  if (!PKCS7_type_is_signed(token.get())) return RefuseTimeStamp("not signed data");
  PKCS7_SIGNER_INFO* signer = OnlySigner(token.get());
  if (signer == nullptr) return RefuseTimeStamp("not exactly one signer");
  if (!IsSha2(signer->digest_alg)) return RefuseTimeStamp("signed over a weak digest");
  if (!HasTstContentType(signer)) return RefuseTimeStamp("no signed content type of a time-stamp");
  if (signer->unauth_attr != nullptr) return RefuseTimeStamp("unsigned attributes");
  if (token->d.sign->crl != nullptr) return RefuseTimeStamp("revocation lists inside");
  return token;
}

absl::Status CheckTimeStampFrame(PKCS7* token, X509* signer) {
  const PKCS7_SIGNED* data = token->d.sign;
  const PKCS7_SIGNER_INFO* info = OnlySigner(token);
  if (info == nullptr || !Equals(data->version, 3) || !Equals(info->version, 1)) {
    return RefuseTimeStamp("not of the versions that RFC 3161 asks for");
  }
  if (sk_X509_ALGOR_num(data->md_algs) != 1 || !HasPlainParameters(info->digest_alg) ||
      X509_ALGOR_cmp(sk_X509_ALGOR_value(data->md_algs, 0), info->digest_alg) != 0) {
    return RefuseTimeStamp("its digest algorithms differ");
  }
  if (!HasPlainParameters(info->digest_enc_alg) ||
      !FitsKey(info->digest_enc_alg, info->digest_alg, signer)) {
    return RefuseTimeStamp("its signature algorithm does not fit the signer's key");
  }
  // OpenSSL compares names without regard to case and type of string.
  if (ToDer<i2d_X509_NAME>(info->issuer_and_serial->issuer) !=
      ToDer<i2d_X509_NAME>(X509_get_issuer_name(signer))) {
    return RefuseTimeStamp("names its signer's issuer in another spelling");
  }
  return absl::OkStatus();
}

absl::Status CheckTimeStampSurplus(STACK_OF(X509) * inside, STACK_OF(X509) * chain) {
  const auto in_chain = [chain](const X509* certificate) {
    for (int i = 0; i < sk_X509_num(chain); ++i) {
      if (X509_cmp(sk_X509_value(chain, i), certificate) == 0) return true;
    }
    return false;
  };
  X509* end = sk_X509_value(chain, sk_X509_num(chain) - 1);
  for (int i = 0; i < sk_X509_num(inside); ++i) {
    X509* certificate = sk_X509_value(inside, i);
    if (in_chain(certificate)) continue;
    EVP_PKEY* key = X509_get0_pubkey(certificate);
    const bool root_above = key != nullptr && X509_check_issued(certificate, end) == X509_V_OK &&
                            X509_verify(end, key) == 1 && X509_verify(certificate, key) == 1;
    if (!root_above) return RefuseTimeStamp("a surplus certificate inside");
  }
  return absl::OkStatus();
}

}  // namespace tom
