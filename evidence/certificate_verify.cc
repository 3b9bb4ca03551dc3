// Purposes of certificates, and whether one is to be believed.
#include <openssl/x509v3.h>

#include <algorithm>

#include "evidence/certificate.h"
#include "evidence/openssl_ptr.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// The arc of a random UUID (a8782bc5-2d6a-4148-bfc0-cda95475b113), under which we name purposes.
// Never renumber.
#define TOM_PURPOSE_ARC "2.25.223934266680506298169809889749651271955."
constexpr char kHostPurpose[] = TOM_PURPOSE_ARC "1";
constexpr char kOperatorTlsPurpose[] = TOM_PURPOSE_ARC "2";
constexpr char kOperatorPurpose[] = TOM_PURPOSE_ARC "3";
constexpr char kApproverPurpose[] = TOM_PURPOSE_ARC "4";
constexpr char kPublisherPurpose[] = TOM_PURPOSE_ARC "5";
#undef TOM_PURPOSE_ARC
constexpr char kServerAuth[] = "1.3.6.1.5.5.7.3.1";        // RFC 5280 section 4.2.1.12
constexpr char kClientAuth[] = "1.3.6.1.5.5.7.3.2";        // likewise
constexpr char kDocumentSigning[] = "1.3.6.1.5.5.7.3.36";  // RFC 9336

constexpr int kSecurityLevel = 2;  // 112 bits: no SHA-1, no RSA below 2048

// Builds and checks leaf -> ca with no certificate between them.
absl::Status VerifyChain(X509* leaf, X509* ca, UnixSeconds at) {
  const X509StorePtr store(X509_STORE_new());
  const X509StoreCtxPtr context(X509_STORE_CTX_new());
  if (store == nullptr || context == nullptr || X509_STORE_add_cert(store.get(), ca) != 1 ||
      X509_STORE_CTX_init(context.get(), store.get(), leaf, nullptr) != 1) {
    return absl::InternalError(ToAbsl("certificate: " + TakeOpensslError()));
  }
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT);
  X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_ANY);
  X509_VERIFY_PARAM_set_auth_level(param, kSecurityLevel);
  X509_VERIFY_PARAM_set_depth(param, 0);
  X509_VERIFY_PARAM_set_time(param, static_cast<time_t>(at));
  if (X509_verify_cert(context.get()) == 1) return absl::OkStatus();
  const int error = X509_STORE_CTX_get_error(context.get());
  TakeOpensslError();
  return absl::PermissionDeniedError(
      ToAbsl(std::string("certificate: ") + X509_verify_cert_error_string(error)));
}

absl::Status CheckLeaf(X509* leaf, std::vector<std::string> usages, Purpose purpose) {
  if ((X509_get_extension_flags(leaf) & (EXFLAG_CA | EXFLAG_SS)) != 0) {
    return absl::PermissionDeniedError("certificate: a CA or self-signed where a leaf is wanted");
  }
  // Absent means all; a named key usage must allow signing.
  if ((X509_get_key_usage(leaf) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0) {
    return absl::PermissionDeniedError("certificate: keyUsage does not allow signing");
  }
  std::vector<std::string> wanted = PurposeUsages(purpose);
  std::sort(usages.begin(), usages.end());
  std::sort(wanted.begin(), wanted.end());
  if (usages == wanted) return absl::OkStatus();
  return absl::PermissionDeniedError(
      ToAbsl("certificate: not for the purpose " + std::string(PurposeName(purpose))));
}

// Of bytes that ReadCertificateDer has taken.
X509Ptr Parsed(std::string_view der) {
  const unsigned char* at = Bytes(der);
  return X509Ptr(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

}  // namespace

std::vector<std::string> PurposeUsages(Purpose purpose) {
  switch (purpose) {
    case Purpose::kCollectorTls:
      return {kServerAuth};
    case Purpose::kHostTls:
      return {kClientAuth, kHostPurpose};
    case Purpose::kOperatorTls:
      return {kClientAuth, kOperatorTlsPurpose};
    case Purpose::kOperator:
      return {kOperatorPurpose};
    case Purpose::kApprover:
      return {kApproverPurpose};
    case Purpose::kPublisher:
      return {kPublisherPurpose};
    case Purpose::kPackSigner:
      return {kDocumentSigning};
  }
  return {};
}

std::string_view PurposeName(Purpose purpose) {
  switch (purpose) {
    case Purpose::kCollectorTls:
      return "collector-tls";
    case Purpose::kHostTls:
      return "host-tls";
    case Purpose::kOperatorTls:
      return "operator-tls";
    case Purpose::kOperator:
      return "operator";
    case Purpose::kApprover:
      return "approver";
    case Purpose::kPublisher:
      return "publisher";
    case Purpose::kPackSigner:
      return "pack-signer";
  }
  return "";
}

absl::Status VerifyCertificate(std::string_view leaf_der, std::string_view ca_der, Purpose purpose,
                               UnixSeconds at) {
  TOM_ASSIGN_OR_RETURN(const CertificateInfo leaf, ReadCertificateDer(leaf_der));
  TOM_ASSIGN_OR_RETURN(const CertificateInfo ca, ReadCertificateDer(ca_der));
  if (!ca.ca) return absl::PermissionDeniedError("certificate: the issuer is no CA");
  const X509Ptr parsed_leaf = Parsed(leaf.der);
  const X509Ptr parsed_ca = Parsed(ca.der);
  if (parsed_leaf == nullptr || parsed_ca == nullptr) {
    return absl::InternalError("certificate: out of memory");
  }
  TOM_RETURN_IF_ERROR(CheckLeaf(parsed_leaf.get(), leaf.usages, purpose));
  return VerifyChain(parsed_leaf.get(), parsed_ca.get(), at);
}

std::string HostUri(std::string_view host) { return "urn:tom:host:" + std::string(host); }

std::string PersonUri(std::string_view person) { return "urn:tom:person:" + std::string(person); }

}  // namespace tom
