#include "collector/pki/issue.h"

#include <arpa/inet.h>
#include <openssl/x509v3.h>

#include "evidence/openssl_ptr.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

using RequestPtr = std::unique_ptr<X509_REQ, OpensslFree<X509_REQ_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, OpensslFree<X509_EXTENSION_free>>;
using NamePtr = std::unique_ptr<X509_NAME, OpensslFree<X509_NAME_free>>;

inline void FreeNames(GENERAL_NAMES* names) { GENERAL_NAMES_free(names); }
using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, OpensslFree<FreeNames>>;

constexpr int64_t kCaDays = 3650;
constexpr int64_t kBackdateSeconds = 300;  // hosts' clocks that are a little behind
constexpr size_t kMaxCsrBytes = 16 << 10;
constexpr size_t kSerialBytes = 16;

absl::Status Failed(std::string_view what) {
  return absl::InternalError(
      ToAbsl("certificate: " + std::string(what) + ": " + TakeOpensslError()));
}

EvpPkeyPtr PublicOf(std::string_view spki) {
  const unsigned char* at = Bytes(spki);
  return EvpPkeyPtr(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
}

NamePtr NameOf(const std::string& common_name) {
  NamePtr name(X509_NAME_new());
  X509_NAME_add_entry_by_NID(name.get(), NID_commonName, MBSTRING_UTF8, Bytes(common_name),
                             static_cast<int>(common_name.size()), -1, 0);
  return name;
}

bool SetBasics(X509* certificate, UnixSeconds from, UnixSeconds to) {
  std::string serial = RandomBytes(kSerialBytes);
  serial[0] = static_cast<char>((serial[0] & 0x7f) | 0x40);  // positive, always 16 bytes
  const BignumPtr number(BN_bin2bn(Bytes(serial), kSerialBytes, nullptr));
  return X509_set_version(certificate, X509_VERSION_3) == 1 &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr &&
         ASN1_TIME_set(X509_getm_notBefore(certificate), from) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), to) != nullptr;
}

bool AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_nconf_nid(nullptr, &context, nid, value.c_str()));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

GENERAL_NAME* GeneralName(int type, const std::string& value) {
  GENERAL_NAME* name = GENERAL_NAME_new();
  ASN1_STRING* text =
      ASN1_STRING_type_new(type == GEN_IPADD ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);
  ASN1_STRING_set(text, value.data(), static_cast<int>(value.size()));
  GENERAL_NAME_set0_value(name, type, text);
  return name;
}

// Built as values, not as OpenSSL's configuration text, in which a comma in a name would begin
// another one.
bool AddNames(X509* certificate, const CertificateRequest& request) {
  if (request.uris.empty() && request.names.empty()) return true;
  const GeneralNamesPtr names(sk_GENERAL_NAME_new_null());
  for (const std::string& uri : request.uris) {
    sk_GENERAL_NAME_push(names.get(), GeneralName(GEN_URI, uri));
  }
  for (const std::string& name : request.names) {
    std::string address(sizeof(in6_addr), '\0');
    if (inet_pton(AF_INET, name.c_str(), address.data()) == 1) {
      address.resize(sizeof(in_addr));
      sk_GENERAL_NAME_push(names.get(), GeneralName(GEN_IPADD, address));
    } else if (inet_pton(AF_INET6, name.c_str(), address.data()) == 1) {
      sk_GENERAL_NAME_push(names.get(), GeneralName(GEN_IPADD, address));
    } else {
      sk_GENERAL_NAME_push(names.get(), GeneralName(GEN_DNS, name));
    }
  }
  return X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) ==
         1;
}

std::string UsageList(Purpose purpose) {
  std::string list;
  for (const std::string& usage : PurposeUsages(purpose)) list += (list.empty() ? "" : ",") + usage;
  return list;
}

absl::StatusOr<std::string> SignAndEncode(X509* certificate, const PrivateKey& key) {
  if (X509_sign(certificate, key.get(), EVP_sha256()) == 0) return Failed("sign");
  std::string der = ToDer<i2d_X509>(certificate);
  if (der.empty()) return Failed("encode");
  return der;
}

}  // namespace

absl::StatusOr<std::string> MakeCa(const PrivateKey& key, const std::string& common_name,
                                   UnixSeconds not_before) {
  const X509Ptr certificate(X509_new());
  X509* x = certificate.get();
  const NamePtr name = NameOf(common_name);
  const bool made = SetBasics(x, not_before - kBackdateSeconds, not_before + kCaDays * kDay) &&
                    X509_set_subject_name(x, name.get()) == 1 &&
                    X509_set_issuer_name(x, name.get()) == 1 &&
                    X509_set_pubkey(x, key.get()) == 1 &&
                    AddExtension(x, x, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                    AddExtension(x, x, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                    AddExtension(x, x, NID_subject_key_identifier, "hash");
  if (!made) return Failed("make the CA");
  return SignAndEncode(x, key);
}

absl::StatusOr<std::string> IssueCertificate(const Issuer& issuer,
                                             const CertificateRequest& request) {
  TOM_ASSIGN_OR_RETURN(const CertificateInfo ca, ReadCertificateDer(issuer.certificate));
  const unsigned char* at = Bytes(issuer.certificate);
  const X509Ptr parent(d2i_X509(nullptr, &at, static_cast<long>(issuer.certificate.size())));
  const EvpPkeyPtr key = PublicOf(request.spki);
  const X509Ptr certificate(X509_new());
  X509* x = certificate.get();
  const NamePtr name = NameOf(request.common_name);
  const UnixSeconds from = std::max(request.not_before - kBackdateSeconds, ca.not_before);
  const UnixSeconds to = std::min(request.not_before + request.days * kDay, ca.not_after);
  const bool made = parent != nullptr && key != nullptr && SetBasics(x, from, to) &&
                    X509_set_subject_name(x, name.get()) == 1 &&
                    X509_set_issuer_name(x, X509_get_subject_name(parent.get())) == 1 &&
                    X509_set_pubkey(x, key.get()) == 1 &&
                    AddExtension(x, parent.get(), NID_basic_constraints, "critical,CA:FALSE") &&
                    AddExtension(x, parent.get(), NID_key_usage, "critical,digitalSignature") &&
                    AddExtension(x, parent.get(), NID_ext_key_usage, UsageList(request.purpose)) &&
                    AddExtension(x, parent.get(), NID_subject_key_identifier, "hash") &&
                    AddExtension(x, parent.get(), NID_authority_key_identifier, "keyid:always") &&
                    AddNames(x, request);
  if (!made) return Failed("make");
  return SignAndEncode(x, issuer.key);
}

absl::StatusOr<std::string> KeyOfCsr(std::string_view csr) {
  if (csr.empty() || csr.size() > kMaxCsrBytes) return BadData("csr: empty or over 16 KiB");
  const unsigned char* at = Bytes(csr);
  const RequestPtr request(d2i_X509_REQ(nullptr, &at, static_cast<long>(csr.size())));
  if (request == nullptr || at != Bytes(csr) + csr.size()) {
    TakeOpensslError();
    return BadData("csr: not the DER of one PKCS#10 request");
  }
  EVP_PKEY* key = X509_REQ_get0_pubkey(request.get());
  if (key == nullptr || X509_REQ_verify(request.get(), key) != 1) {
    TakeOpensslError();
    return BadData("csr: not signed with its own key");
  }
  const std::string spki = ToDer<i2d_PUBKEY>(key);
  const absl::StatusOr<PublicKey> parsed = PublicKey::FromSpki(spki);
  if (!parsed.ok()) return Annotate(parsed.status(), "csr");
  if (parsed->kind() != KeyKind::kP256) return BadData("csr: the key is not P-256");
  return spki;
}

}  // namespace tom
