#include "evidence/cms.h"

#include <openssl/ess.h>

#include <algorithm>
#include <ctime>
#include <vector>

#include "evidence/certificate.h"
#include "evidence/keys.h"
#include "evidence/openssl_ptr.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxCmsBytes = 256 << 10;

using EssPtr = std::unique_ptr<ESS_SIGNING_CERT_V2, OpensslFree<ESS_SIGNING_CERT_V2_free>>;

absl::Status Refuse(std::string_view problem) {
  TakeOpensslError();
  return BadData("signature: " + std::string(problem));
}

// --- DER by hand: just what the rebuilt structure needs (X.690 section 8.1, definite lengths).

std::string Der(uint8_t tag, std::string_view content) {
  std::string length;
  for (size_t rest = content.size(); rest > 0; rest >>= 8) {
    length.insert(length.begin(), static_cast<char>(rest & 0xFF));
  }
  if (content.size() >= 0x80)
    length.insert(length.begin(), static_cast<char>(0x80 | length.size()));
  if (content.empty()) length.push_back('\0');
  return std::string(1, static_cast<char>(tag)) + length + std::string(content);
}

constexpr uint8_t kSequence = 0x30;
constexpr uint8_t kSet = 0x31;
constexpr uint8_t kOctets = 0x04;
constexpr uint8_t kContext0 = 0xA0;
constexpr uint8_t kContext1 = 0xA1;
constexpr std::string_view kVersion1("\x02\x01\x01", 3);
constexpr std::string_view kSignedDataOid("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", 11);
constexpr std::string_view kDataOid("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", 11);
constexpr std::string_view kSha256Oid("\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01", 11);
constexpr std::string_view kEcdsaSha256Oid("\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02", 10);
// 1.2.840.113549.1.9.16.2.14, signature-time-stamp
constexpr std::string_view kStampOid("\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0e", 13);

std::string Concat(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (const std::string_view part : parts) all += part;
  return all;
}

// --- What is inside.

struct Parts {
  X509* signer = nullptr;  // owned by the CMS' certificates
  X509StackPtr certificates;
  CMS_SignerInfo* info = nullptr;
  std::string signed_attributes;  // content of [0], in DER order
  DetachedSignature result;
};

// Signed attributes in DER's SET OF order.
std::string SignedAttributes(CMS_SignerInfo* info) {
  const int count = std::max(CMS_signed_get_attr_count(info), 0);
  std::vector<std::string> attributes;
  attributes.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    attributes.push_back(ToDer<i2d_X509_ATTRIBUTE>(CMS_signed_get_attr(info, i)));
  }
  std::sort(attributes.begin(), attributes.end());
  std::string all;
  for (const std::string& attribute : attributes) all += attribute;
  return all;
}

// The one value of the signed attribute that stands exactly once.
const ASN1_TYPE* OnlyValue(CMS_SignerInfo* info, int nid) {
  const int at = CMS_signed_get_attr_by_NID(info, nid, -1);
  if (at < 0 || CMS_signed_get_attr_by_NID(info, nid, at) >= 0) return nullptr;
  X509_ATTRIBUTE* attribute = CMS_signed_get_attr(info, at);
  return X509_ATTRIBUTE_count(attribute) == 1 ? X509_ATTRIBUTE_get0_type(attribute, 0) : nullptr;
}

absl::Status CheckSigningTime(CMS_SignerInfo* info, DetachedSignature& result) {
  const ASN1_TYPE* value = OnlyValue(info, NID_pkcs9_signingTime);
  if (value == nullptr ||
      (value->type != V_ASN1_UTCTIME && value->type != V_ASN1_GENERALIZEDTIME)) {
    return Refuse("no signing-time among the signed attributes");
  }
  std::tm parts{};
  const ASN1_TIME* time =
      value->type == V_ASN1_UTCTIME ? value->value.utctime : value->value.generalizedtime;
  if (ASN1_TIME_to_tm(time, &parts) != 1) return Refuse("a broken signing-time");
  result.signing_time = static_cast<UnixSeconds>(timegm(&parts));
  return absl::OkStatus();
}

absl::Status CheckSigningCertificate(const Parts& parts) {
  const ASN1_TYPE* value = OnlyValue(parts.info, NID_id_smime_aa_signingCertificateV2);
  if (value == nullptr || value->type != V_ASN1_SEQUENCE) {
    return Refuse("no signing-certificate-v2 among the signed attributes");
  }
  const unsigned char* at = value->value.sequence->data;
  const EssPtr ess(d2i_ESS_SIGNING_CERT_V2(nullptr, &at, value->value.sequence->length));
  if (ess == nullptr ||
      OSSL_ESS_check_signing_certs(nullptr, ess.get(), parts.certificates.get(), 1) != 1) {
    return Refuse("signing-certificate-v2 names another certificate");
  }
  return absl::OkStatus();
}

absl::Status CheckSignedAttributes(Parts& parts) {
  const ASN1_TYPE* type = OnlyValue(parts.info, NID_pkcs9_contentType);
  if (type == nullptr || type->type != V_ASN1_OBJECT ||
      OBJ_obj2nid(type->value.object) != NID_pkcs7_data) {
    return Refuse("no content-type among the signed attributes");
  }
  const ASN1_TYPE* digest = OnlyValue(parts.info, NID_pkcs9_messageDigest);
  if (digest == nullptr || digest->type != V_ASN1_OCTET_STRING) {
    return Refuse("no message-digest among the signed attributes");
  }
  TOM_RETURN_IF_ERROR(CheckSigningTime(parts.info, parts.result));
  return CheckSigningCertificate(parts);
}

absl::Status TakeToken(Parts& parts) {
  const int count = CMS_unsigned_get_attr_count(parts.info);
  if (count <= 0) return absl::OkStatus();  // -1 when there is no list
  X509_ATTRIBUTE* attribute = CMS_unsigned_get_attr(parts.info, 0);
  const ASN1_TYPE* value =
      X509_ATTRIBUTE_count(attribute) == 1 ? X509_ATTRIBUTE_get0_type(attribute, 0) : nullptr;
  if (count != 1 || value == nullptr || value->type != V_ASN1_SEQUENCE ||
      OBJ_obj2nid(X509_ATTRIBUTE_get0_object(attribute)) != NID_id_smime_aa_timeStampToken) {
    return Refuse("unsigned attributes other than one signature-time-stamp");
  }
  parts.result.token.emplace(reinterpret_cast<const char*>(value->value.sequence->data),
                             static_cast<size_t>(value->value.sequence->length));
  return absl::OkStatus();
}

absl::Status CheckAlgorithms(CMS_SignerInfo* info) {
  X509_ALGOR* digest = nullptr;
  X509_ALGOR* signature = nullptr;
  CMS_SignerInfo_get0_algs(info, nullptr, nullptr, &digest, &signature);
  if (OBJ_obj2nid(digest->algorithm) != NID_sha256 ||
      OBJ_obj2nid(signature->algorithm) != NID_ecdsa_with_SHA256) {
    return Refuse("not ECDSA with SHA-256");
  }
  return absl::OkStatus();
}

absl::Status CheckSigner(X509* signer, DetachedSignature& result) {
  result.signer_der = ToDer<i2d_X509>(signer);
  TOM_ASSIGN_OR_RETURN(const CertificateInfo info, ReadCertificateDer(result.signer_der));
  TOM_ASSIGN_OR_RETURN(const PublicKey key, PublicKey::FromSpki(info.spki));
  if (key.kind() != KeyKind::kP256) return Refuse("the signer's key is not P-256");
  if (info.usages != PurposeUsages(Purpose::kPackSigner)) {
    return Refuse("the signer's certificate is not for document signing alone");
  }
  return absl::OkStatus();
}

absl::StatusOr<Parts> TakeApart(CMS_ContentInfo* cms) {
  Parts parts;
  if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed) return Refuse("not signed data");
  if (CMS_is_detached(cms) != 1) return Refuse("not detached");
  const auto* infos = CMS_get0_SignerInfos(cms);
  if (sk_CMS_SignerInfo_num(infos) != 1) return Refuse("not exactly one signer");
  parts.info = sk_CMS_SignerInfo_value(infos, 0);
  parts.certificates.reset(CMS_get1_certs(cms));
  if (sk_X509_num(parts.certificates.get()) != 1) return Refuse("not exactly one certificate");
  parts.signer = sk_X509_value(parts.certificates.get(), 0);
  if (CMS_SignerInfo_cert_cmp(parts.info, parts.signer) != 0) {
    return Refuse("the certificate inside is not the signer's");
  }
  const ASN1_OCTET_STRING* value = CMS_SignerInfo_get0_signature(parts.info);
  parts.result.signature.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                                static_cast<size_t>(ASN1_STRING_length(value)));
  parts.signed_attributes = SignedAttributes(parts.info);
  if (parts.signed_attributes.empty()) return Refuse("no signed attributes");
  return parts;
}

// --- What a signature with these parts looks like, byte for byte.

std::string RebuildSignerInfo(const Parts& parts) {
  const std::string issuer = ToDer<i2d_X509_NAME>(X509_get_issuer_name(parts.signer));
  const std::string serial = ToDer<i2d_ASN1_INTEGER>(X509_get_serialNumber(parts.signer));
  std::string unsigned_attributes;
  if (parts.result.token) {
    const std::string attribute =
        Der(kSequence, Concat({kStampOid, Der(kSet, *parts.result.token)}));
    unsigned_attributes = Der(kContext1, attribute);
  }
  return Der(kSequence,
             Concat({kVersion1, Der(kSequence, issuer + serial), Der(kSequence, kSha256Oid),
                     Der(kContext0, parts.signed_attributes), Der(kSequence, kEcdsaSha256Oid),
                     Der(kOctets, parts.result.signature), unsigned_attributes}));
}

std::string Rebuild(const Parts& parts) {
  const std::string signed_data =
      Der(kSequence,
          Concat({kVersion1, Der(kSet, Der(kSequence, kSha256Oid)), Der(kSequence, kDataOid),
                  Der(kContext0, parts.result.signer_der), Der(kSet, RebuildSignerInfo(parts))}));
  return Der(kSequence, Concat({kSignedDataOid, Der(kContext0, signed_data)}));
}

absl::Status CheckSignature(CMS_ContentInfo* cms, std::string_view content) {
  const BioPtr bio = ReadBio(content);
  // The certificate's chain is the caller's to judge, at the time-stamp's time.
  constexpr unsigned int kFlags = CMS_DETACHED | CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY;
  if (bio != nullptr && CMS_verify(cms, nullptr, nullptr, bio.get(), nullptr, kFlags) == 1) {
    return absl::OkStatus();
  }
  return Refuse("does not verify over the content");
}

}  // namespace

absl::StatusOr<DetachedSignature> VerifyDetachedCms(std::string_view cms_der,
                                                    std::string_view content) {
  if (cms_der.size() > kMaxCmsBytes) return Refuse("larger than 256 KiB");
  const unsigned char* at = Bytes(cms_der);
  const CmsPtr cms(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(cms_der.size())));
  if (cms == nullptr) return Refuse("not a CMS in DER");
  TOM_ASSIGN_OR_RETURN(Parts parts, TakeApart(cms.get()));
  TOM_RETURN_IF_ERROR(CheckAlgorithms(parts.info));
  TOM_RETURN_IF_ERROR(CheckSigner(parts.signer, parts.result));
  TOM_RETURN_IF_ERROR(CheckSignedAttributes(parts));
  TOM_RETURN_IF_ERROR(TakeToken(parts));
  if (Rebuild(parts) != cms_der) return Refuse("not the one DER spelling, or surplus parts");
  TOM_RETURN_IF_ERROR(CheckSignature(cms.get(), content));
  return std::move(parts.result);
}

}  // namespace tom
