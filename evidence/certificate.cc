#include "evidence/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "evidence/openssl_ptr.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxCertificateBytes = 64 << 10;
constexpr size_t kMaxPemBytes = 1 << 20;
constexpr size_t kMaxPemCertificates = 64;

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
  const int count = std::max(sk_ASN1_OBJECT_num(usages.get()), 0);  // -1 of no stack
  std::vector<std::string> dotted;
  dotted.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
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

}  // namespace

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

}  // namespace tom
