#include "checks/parse/certificate_details.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <functional>
#include <memory>

namespace tom {
namespace {

constexpr size_t kMaxText = 1000;
constexpr size_t kMaxCertificates = 1000;
constexpr int64_t kDay = 86400;

struct Free {
  void operator()(X509* one) const { X509_free(one); }
  void operator()(BIO* one) const { BIO_free(one); }
  void operator()(ASN1_TIME* one) const { ASN1_TIME_free(one); }
  void operator()(BIGNUM* one) const { BN_free(one); }
  void operator()(char* one) const { OPENSSL_free(one); }
};
using Certificate = std::unique_ptr<X509, Free>;

Certificate Parse(std::string_view der) {
  if (der.size() > kMaxCertificateBytes) return nullptr;
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const auto* end = at + der.size();
  Certificate one(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  return at == end ? std::move(one) : nullptr;
}

// What `print` writes, on one line.
std::string Printed(const std::function<void(BIO*)>& print) {
  const std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr) return "";
  print(bio.get());
  ERR_clear_error();
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  std::string text;
  for (long i = 0; i < size && text.size() < kMaxText; ++i) {
    text += static_cast<unsigned char>(data[i]) < ' ' ? ' ' : data[i];
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

std::string NameText(const X509_NAME* name, unsigned long flags) {
  return Printed([&](BIO* bio) { X509_NAME_print_ex(bio, name, 0, flags); });
}

// OpenSSL's old form, every part behind a slash.
std::string NameLine(const X509_NAME* name) {
  const std::unique_ptr<char, Free> line(X509_NAME_oneline(name, nullptr, 0));
  return line == nullptr ? "" : std::string(line.get()).substr(0, kMaxText);
}

// The first value of a part of a name.
std::string Part(const X509_NAME* name, int nid) {
  const int at = X509_NAME_get_index_by_NID(name, nid, -1);
  if (at < 0) return "";
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
  return Printed([&](BIO* bio) {
    ASN1_STRING_print_ex(bio, value, ASN1_STRFLGS_UTF8_CONVERT | ASN1_STRFLGS_ESC_CTRL);
  });
}

std::string Extension(X509* certificate, int nid) {
  const int at = X509_get_ext_by_NID(certificate, nid, -1);
  if (at < 0) return "";
  return Printed([&](BIO* bio) { X509V3_EXT_print(bio, X509_get_ext(certificate, at), 0, 0); });
}

std::optional<UnixSeconds> Time(const ASN1_TIME* time) {
  const std::unique_ptr<ASN1_TIME, Free> epoch(ASN1_TIME_set(nullptr, 0));
  int days = 0;
  int seconds = 0;
  const bool ok = ASN1_TIME_diff(&days, &seconds, epoch.get(), time) == 1;
  ERR_clear_error();
  return ok ? std::optional<UnixSeconds>(int64_t{days} * kDay + seconds) : std::nullopt;
}

std::string Hex(const unsigned char* bytes, size_t size) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < size && text.size() < kMaxText; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

std::string KeyId(const ASN1_OCTET_STRING* id) {
  if (id == nullptr) return "";
  return Hex(ASN1_STRING_get0_data(id), static_cast<size_t>(ASN1_STRING_length(id)));
}

std::string Fingerprint(std::string_view der, const EVP_MD* digest) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(der.data(), der.size(), bytes, &size, digest, nullptr) != 1) return "";
  return Hex(bytes, size);
}

std::string Serial(const X509* certificate) {
  const std::unique_ptr<BIGNUM, Free> number(
      ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  if (number == nullptr) return "";
  const std::unique_ptr<char, Free> text(BN_bn2hex(number.get()));
  return text == nullptr ? "" : std::string(text.get()).substr(0, kMaxText);
}

void DescribeKey(X509* certificate, CertificateDetails& details) {
  ASN1_OBJECT* algorithm = nullptr;
  X509_PUBKEY_get0_param(&algorithm, nullptr, nullptr, nullptr, X509_get_X509_PUBKEY(certificate));
  if (algorithm != nullptr) {
    details.key_algorithm = Printed([&](BIO* bio) { i2a_ASN1_OBJECT(bio, algorithm); });
  }
  EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr) return ERR_clear_error();
  const char* name = EVP_PKEY_get0_type_name(key);
  details.key_type = name != nullptr ? name : "unknown";
  details.key_bits = EVP_PKEY_get_bits(key);
  char curve[64];
  size_t size = 0;
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
      EVP_PKEY_get_group_name(key, curve, sizeof(curve), &size) == 1) {
    details.key_curve.assign(curve, size);
  }
}

void DescribeNames(X509* certificate, CertificateDetails& details) {
  constexpr unsigned long kFlags =
      (XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const X509_NAME* issuer = X509_get_issuer_name(certificate);
  details.subject = NameText(subject, kFlags);
  details.issuer = NameText(issuer, kFlags);
  details.subject_line = NameLine(subject);
  details.issuer_line = NameLine(issuer);
  details.common_name = Part(subject, NID_commonName);
  details.organization = Part(subject, NID_organizationName);
  details.organization_unit = Part(subject, NID_organizationalUnitName);
  details.issuer_common_name = Part(issuer, NID_commonName);
  details.issuer_organization = Part(issuer, NID_organizationName);
  details.issuer_organization_unit = Part(issuer, NID_organizationalUnitName);
}

}  // namespace

std::optional<CertificateDetails> ReadCertificate(std::string_view der) {
  const Certificate certificate = Parse(der);
  if (certificate == nullptr) return std::nullopt;
  X509* one = certificate.get();
  CertificateDetails details;
  DescribeNames(one, details);
  DescribeKey(one, details);
  details.serial = Serial(one);
  details.names = Extension(one, NID_subject_alt_name);
  details.not_before = Time(X509_get0_notBefore(one));
  details.not_after = Time(X509_get0_notAfter(one));
  const char* signature = OBJ_nid2ln(X509_get_signature_nid(one));
  details.signature_algorithm = signature != nullptr ? signature : "";
  details.key_usage = Extension(one, NID_key_usage);
  details.extended_key_usage = Extension(one, NID_ext_key_usage);
  details.subject_key_id = KeyId(X509_get0_subject_key_id(one));
  details.authority_key_id = KeyId(X509_get0_authority_key_id(one));
  details.sha1 = Fingerprint(der, EVP_sha1());
  details.sha256 = Fingerprint(der, EVP_sha256());
  details.ca = X509_check_ca(one) == 1;
  details.self_signed = X509_self_signed(one, 1) == 1;
  ERR_clear_error();
  return details;
}

CertificateFile ReadCertificateFile(std::string_view bytes) {
  CertificateFile file;
  if (bytes.starts_with("\x30")) {
    if (Parse(bytes) != nullptr)
      file.certificates.emplace_back(bytes);
    else
      ++file.unreadable;
    return file;
  }
  constexpr std::string_view kBegin = "-----BEGIN ";
  for (size_t at = bytes.find(kBegin); at != std::string_view::npos;
       at = bytes.find(kBegin, at + kBegin.size())) {
    const std::string_view rest = bytes.substr(at + kBegin.size());
    const std::string_view label = rest.substr(0, rest.find("-----"));
    if (label != "CERTIFICATE" && label != "X509 CERTIFICATE" && label != "TRUSTED CERTIFICATE") {
      continue;
    }
    if (file.certificates.size() == kMaxCertificates) {
      file.truncated = true;
      break;
    }
    const size_t next = rest.find(kBegin);
    const std::string_view block =
        bytes.substr(at, next == std::string_view::npos ? next : next + kBegin.size());
    const std::unique_ptr<BIO, Free> bio(BIO_new_mem_buf(
        block.data(), static_cast<int>(std::min<size_t>(block.size(), 2 * kMaxCertificateBytes))));
    const Certificate one(PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr));
    ERR_clear_error();
    unsigned char* der = nullptr;
    const int size = one == nullptr ? 0 : i2d_X509(one.get(), &der);
    if (size > 0) {
      file.certificates.emplace_back(reinterpret_cast<char*>(der), static_cast<size_t>(size));
    } else {
      ++file.unreadable;
    }
    OPENSSL_free(der);
  }
  return file;
}

}  // namespace tom
