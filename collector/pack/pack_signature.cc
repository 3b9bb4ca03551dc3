#include "collector/pack/pack_signature.h"

#include <openssl/cms.h>
#include <openssl/objects.h>

#include "evidence/cms.h"
#include "evidence/openssl_ptr.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

absl::Status CmsError(std::string_view what) {
  return absl::InternalError(
      ToAbsl("signing the pack: " + std::string(what) + ": " + TakeOpensslError()));
}

// RFC 5126, 6.1.1: the imprint is taken over the signature value.
absl::Status AddStamp(CMS_ContentInfo* cms, const StampFetcher& stamp) {
  CMS_SignerInfo* info = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
  const ASN1_OCTET_STRING* value = CMS_SignerInfo_get0_signature(info);
  const std::string_view signature(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                                   static_cast<size_t>(ASN1_STRING_length(value)));
  TOM_ASSIGN_OR_RETURN(const std::string token, stamp(Sha256(signature)));
  const ASN1_OBJECT* type = OBJ_nid2obj(NID_id_smime_aa_timeStampToken);
  if (CMS_unsigned_add1_attr_by_OBJ(info, type, V_ASN1_SEQUENCE, token.data(),
                                    static_cast<int>(token.size())) != 1) {
    return CmsError("adding the time-stamp");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> SignDetachedCms(std::string_view content, const PackSigner& signer,
                                            const StampFetcher& stamp) {
  const unsigned char* at = Bytes(signer.certificate_der);
  const X509Ptr certificate(
      d2i_X509(nullptr, &at, static_cast<long>(signer.certificate_der.size())));
  const BioPtr bio = ReadBio(content);
  if (certificate == nullptr || bio == nullptr) return CmsError("reading the certificate");
  if (X509_check_private_key(certificate.get(), signer.key.get()) != 1) {
    TakeOpensslError();
    return BadData("the pack signer's key and certificate do not belong together");
  }
  constexpr unsigned int kFlags =
      CMS_DETACHED | CMS_BINARY | CMS_CADES | CMS_NOSMIMECAP | CMS_PARTIAL;
  const CmsPtr cms(CMS_sign(nullptr, nullptr, nullptr, nullptr, kFlags));
  if (cms == nullptr || CMS_add1_signer(cms.get(), certificate.get(), signer.key.get(),
                                        EVP_sha256(), kFlags) == nullptr) {
    return CmsError("adding the signer");
  }
  if (CMS_final(cms.get(), bio.get(), nullptr, kFlags) != 1) return CmsError("signing");
  if (stamp) TOM_RETURN_IF_ERROR(AddStamp(cms.get(), stamp));
  std::string der = ToDer<i2d_CMS_ContentInfo>(cms.get());
  if (der.empty()) return CmsError("encoding");
  // What our own verifier would refuse must not leave the house.
  if (const auto check = VerifyDetachedCms(der, content); !check.ok()) return check.status();
  return der;
}

}  // namespace tom
