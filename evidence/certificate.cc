#include "evidence/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

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

constexpr size_t kMaxCertificateBytes = 64 << 10;
constexpr size_t kMaxPemBytes = 1 << 20;
constexpr size_t kMaxPemCertificates = 64;
constexpr int kSecurityLevel = 2;  // 112 bits: no SHA-1, no RSA below 2048

using ExtendedKeyUsagePtr =
    std::unique_ptr<EXTENDED_KEY_USAGE, OpensslFree<EXTENDED_KEY_USAGE_free>>;
using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, OpensslFree<GENERAL_NAMES_free>>;

absl::StatusOr<X509Ptr> ParseDer(std::string_view der) {
  if (der.size() > kMaxCertificateBytes) return BadData("certificate: too large");
  const unsigned char* at = Bytes(der);
  X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (certificate == nullptr) return BadData("certificate: " + TakeOpensslError());
  if (ToDer<i2d_X509>(certificate.get()) != der) {
    return BadData("certificate: trailing bytes, or not DER");
  }
  // Makes OpenSSL read every extension it knows; a duplicate or broken one shows here.
  if ((X509_get_extension_flags(certificate.get()) & EXFLAG_INVALID) != 0) {
    TakeOpensslError();
    return BadData("certificate: an extension is broken or stands twice");
  }
  return certificate;
}

absl::StatusOr<std::string> SubjectText(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  // RFC 2253, but letters beyond ASCII stay readable UTF-8 instead of \xx.
  constexpr unsigned long kFlags = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;
  if (bio == nullptr ||
      X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0, kFlags) < 0) {
    return BadData("certificate: the subject cannot be read");
  }
  std::string text = BioText(bio.get());
  if (!IsUtf8(text)) return BadData("certificate: the subject is not UTF-8");
  return text;
}

absl::StatusOr<std::string> CommonName(X509* certificate) {
  const X509_NAME* name = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) return std::string();
  if (X509_NAME_get_index_by_NID(name, NID_commonName, at) >= 0) {
    return BadData("certificate: two common names");
  }
  unsigned char* text = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
  if (size < 0) return BadData("certificate: the common name cannot be read");
  std::string common_name(reinterpret_cast<char*>(text), static_cast<size_t>(size));
  OPENSSL_free(text);
  if (!IsUtf8(common_name) || common_name.find('\0') != std::string::npos) {
    return BadData("certificate: the common name is not text");
  }
  return common_name;
}

absl::StatusOr<std::vector<std::string>> Uris(X509* certificate) {
  int found = 0;
  const GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, &found, nullptr)));
  if (names == nullptr && found != -1) {
    TakeOpensslError();
    return BadData("certificate: subjectAltName is broken or stands twice");
  }
  std::vector<std::string> uris;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* uri = name->d.uniformResourceIdentifier;
    std::string text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                     static_cast<size_t>(ASN1_STRING_length(uri)));
    if (!std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; })) {
      return BadData("certificate: a URI with odd characters");
    }
    uris.push_back(std::move(text));
  }
  return uris;
}

std::string Dotted(const ASN1_OBJECT* object) {
  const int size = OBJ_obj2txt(nullptr, 0, object, 1);
  if (size <= 0) return "";
  std::string text(static_cast<size_t>(size) + 1, '\0');
  OBJ_obj2txt(text.data(), size + 1, object, 1);
  text.pop_back();
  return text;
}

absl::StatusOr<std::vector<std::string>> Usages(X509* certificate) {
  int found = 0;
  const ExtendedKeyUsagePtr usages(static_cast<EXTENDED_KEY_USAGE*>(
      X509_get_ext_d2i(certificate, NID_ext_key_usage, &found, nullptr)));
  if (usages == nullptr && found != -1) {
    TakeOpensslError();
    return BadData("certificate: extendedKeyUsage is broken or stands twice");
  }
  std::vector<std::string> dotted;
  for (int i = 0; i < sk_ASN1_OBJECT_num(usages.get()); ++i) {
    dotted.push_back(Dotted(sk_ASN1_OBJECT_value(usages.get(), i)));
  }
  return dotted;
}

absl::StatusOr<UnixSeconds> Seconds(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return BadData("certificate: a validity that is no time");
  return static_cast<UnixSeconds>(timegm(&parts));
}

std::string Serial(X509* certificate) {
  const BignumPtr number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  char* hex = number == nullptr ? nullptr : BN_bn2hex(number.get());
  std::string text = hex == nullptr ? "" : hex;
  OPENSSL_free(hex);
  return text;
}

absl::StatusOr<CertificateInfo> Describe(X509* certificate, std::string der) {
  CertificateInfo info;
  TOM_ASSIGN_OR_RETURN(info.subject, SubjectText(certificate));
  TOM_ASSIGN_OR_RETURN(info.common_name, CommonName(certificate));
  TOM_ASSIGN_OR_RETURN(info.uris, Uris(certificate));
  TOM_ASSIGN_OR_RETURN(info.usages, Usages(certificate));
  TOM_ASSIGN_OR_RETURN(info.not_before, Seconds(X509_get0_notBefore(certificate)));
  TOM_ASSIGN_OR_RETURN(info.not_after, Seconds(X509_get0_notAfter(certificate)));
  info.spki = ToDer<i2d_X509_PUBKEY>(X509_get_X509_PUBKEY(certificate));
  info.serial = Serial(certificate);
  info.ca = (X509_get_extension_flags(certificate) & EXFLAG_CA) != 0;
  info.der = std::move(der);
  return info;
}

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

absl::Status CheckLeaf(X509* leaf, Purpose purpose) {
  if ((X509_get_extension_flags(leaf) & (EXFLAG_CA | EXFLAG_SS)) != 0) {
    return absl::PermissionDeniedError("certificate: a CA or self-signed where a leaf is wanted");
  }
  // Absent means all; a named key usage must allow signing.
  if ((X509_get_key_usage(leaf) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0) {
    return absl::PermissionDeniedError("certificate: keyUsage does not allow signing");
  }
  TOM_ASSIGN_OR_RETURN(std::vector<std::string> usages, Usages(leaf));
  std::vector<std::string> wanted = PurposeUsages(purpose);
  std::sort(usages.begin(), usages.end());
  std::sort(wanted.begin(), wanted.end());
  if (usages == wanted) return absl::OkStatus();
  return absl::PermissionDeniedError(
      ToAbsl("certificate: not for the purpose " + std::string(PurposeName(purpose))));
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

absl::StatusOr<CertificateInfo> ReadCertificateDer(std::string_view der) {
  TOM_ASSIGN_OR_RETURN(const X509Ptr certificate, ParseDer(der));
  return Describe(certificate.get(), std::string(der));
}

absl::StatusOr<CertificateInfo> ReadCertificatePem(std::string_view pem) {
  TOM_ASSIGN_OR_RETURN(const std::vector<std::string> ders, PemToDer(pem));
  return ReadCertificateDer(ders.front());
}

absl::StatusOr<std::vector<std::string>> PemToDer(std::string_view pem) {
  if (pem.size() > kMaxPemBytes) return BadData("certificate: the PEM is too large");
  const BioPtr bio = ReadBio(pem);
  std::vector<std::string> ders;
  while (bio != nullptr && ders.size() < kMaxPemCertificates) {
    const X509Ptr next(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (next == nullptr) break;
    ders.push_back(ToDer<i2d_X509>(next.get()));
  }
  // The end of the text is "no start line"; anything else is a broken certificate, and never left
  // out in silence.
  const unsigned long error = ERR_peek_last_error();
  const bool ended =
      ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  const std::string reason = TakeOpensslError();
  if (ders.size() >= kMaxPemCertificates) return BadData("certificate: over 63 in one PEM");
  if (!ended) return BadData("certificate: broken PEM: " + reason);
  if (ders.empty()) return BadData("certificate: the PEM holds none");
  return ders;
}

std::string DerToPem(std::string_view der) {
  std::string pem = "-----BEGIN CERTIFICATE-----\n";
  const std::string text = Base64Encode(der);
  for (size_t i = 0; i < text.size(); i += 64) pem += text.substr(i, 64) + "\n";
  return pem + "-----END CERTIFICATE-----\n";
}

absl::Status VerifyCertificate(std::string_view leaf_der, std::string_view ca_der, Purpose purpose,
                               UnixSeconds at) {
  TOM_ASSIGN_OR_RETURN(const X509Ptr leaf, ParseDer(leaf_der));
  TOM_ASSIGN_OR_RETURN(const X509Ptr ca, ParseDer(ca_der));
  if ((X509_get_extension_flags(ca.get()) & EXFLAG_CA) == 0) {
    return absl::PermissionDeniedError("certificate: the issuer is no CA");
  }
  TOM_RETURN_IF_ERROR(CheckLeaf(leaf.get(), purpose));
  return VerifyChain(leaf.get(), ca.get(), at);
}

std::string HostUri(std::string_view host) { return "urn:tom:host:" + std::string(host); }

std::string PersonUri(std::string_view person) { return "urn:tom:person:" + std::string(person); }

}  // namespace tom
