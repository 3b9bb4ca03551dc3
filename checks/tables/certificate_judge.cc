#include "checks/tables/certificate_judge.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <map>

#include "checks/tables/certificate_authorities.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxBundleBytes = 8 << 20;
constexpr int64_t kDay = 86400;
constexpr int kAuthLevel = 2;  // 112 bits: RSA 2048, SHA-256

// Where distributions keep all authorities in one file: Debian, Red Hat, SUSE, Alpine.
constexpr const char* kSystemBundles[] = {"/etc/ssl/certs/ca-certificates.crt",
                                          "/etc/pki/tls/certs/ca-bundle.crt",
                                          "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};

struct Free {
  void operator()(X509* one) const { X509_free(one); }
  void operator()(X509_STORE_CTX* one) const { X509_STORE_CTX_free(one); }
  void operator()(BIO* one) const { BIO_free(one); }
  void operator()(STACK_OF(X509) * one) const { sk_X509_free(one); }
};
using Certificate = std::unique_ptr<X509, Free>;

Certificate Parse(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  return certificate;
}

void Append(std::string& text, const std::string& more) {
  if (text.find(more) != std::string::npos) return;
  text += (text.empty() ? "" : "; ") + more;
}

struct Errors {
  std::string text;
  bool unknown_issuer = false;
};

bool IsUnknownIssuer(int error) {
  return error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
         error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
         error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE ||
         error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
         error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN || error == X509_V_ERR_CERT_CHAIN_TOO_LONG;
}

// Takes down every error, and goes on.
int OnVerify(int ok, X509_STORE_CTX* context) {
  if (ok == 1) return 1;
  auto* errors = &static_cast<Errors*>(X509_STORE_CTX_get_ex_data(context, 0))->text;
  const int depth = X509_STORE_CTX_get_error_depth(context);
  std::string text = X509_verify_cert_error_string(X509_STORE_CTX_get_error(context));
  if (depth > 0) text += " (certificate " + std::to_string(depth + 1) + " of the chain)";
  Append(*errors, text);
  if (IsUnknownIssuer(X509_STORE_CTX_get_error(context))) {
    static_cast<Errors*>(X509_STORE_CTX_get_ex_data(context, 0))->unknown_issuer = true;
  }
  return 1;
}

absl::StatusOr<std::string> ReadBundle(Env& env, const std::string& ca_file) {
  if (!ca_file.empty()) return env.ReadFile(ca_file, kMaxBundleBytes);
  for (const char* path : kSystemBundles) {
    auto text = env.ReadFile(path, kMaxBundleBytes);
    if (text.ok() || !absl::IsNotFound(text.status())) return text;
  }
  return absl::NotFoundError("the system has no bundle of authorities");
}

absl::StatusOr<CertificateAuthorities> ReadAuthorities(Env& env, const std::string& ca_file) {
  TOM_ASSIGN_OR_RETURN(const std::string text, ReadBundle(env, ca_file));
  CertificateAuthorities authorities(text);
  if (authorities.size() == 0) {
    return BadData((ca_file.empty() ? "the system's bundle" : ca_file) +
                   " holds no certificate in PEM");
  }
  return authorities;
}

// 'MD5' and 'SHA1' and older: what a signature must not rest on.
bool IsWeakSignature(X509* certificate) {
  int digest = NID_undef;
  int bits = 0;
  if (X509_get_signature_info(certificate, &digest, nullptr, &bits, nullptr) != 1) return true;
  return digest == NID_md2 || digest == NID_md4 || digest == NID_md5 || digest == NID_sha1 ||
         digest == NID_md5_sha1 || digest == NID_ripemd160;
}

bool IsSelfIssued(X509* certificate) {
  return X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0;
}

void DescribeKey(X509* certificate, CertificateFacts& facts) {
  EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr) {
    facts.weak_key = true;
    Append(facts.error, "the certificate's key cannot be read");
    return;
  }
  const char* name = EVP_PKEY_get0_type_name(key);
  facts.key_type = name != nullptr ? name : "unknown";
  facts.key_bits = EVP_PKEY_get_bits(key);
  facts.weak_key = EVP_PKEY_get_security_bits(key) < 112;
  // P-224 has 112 bits of security as well, and is below P-256.
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC && facts.key_bits < 256) facts.weak_key = true;
}

void DescribeDates(X509* certificate, UnixSeconds now, CertificateFacts& facts) {
  std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> epoch(ASN1_TIME_set(nullptr, 0),
                                                              ASN1_TIME_free);
  int days = 0;
  int seconds = 0;
  if (ASN1_TIME_diff(&days, &seconds, epoch.get(), X509_get0_notAfter(certificate)) != 1) return;
  facts.not_after = int64_t{days} * kDay + seconds;
  const int64_t left = facts.not_after - now;
  facts.days_left = left >= 0 ? left / kDay : -((-left + kDay - 1) / kDay);
}

void MatchName(X509* certificate, const std::string& name, CertificateFacts& facts) {
  if (name.empty()) return;
  constexpr unsigned kFlags =
      X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
  constexpr int kNoAddress = -2;
  int matched = X509_check_ip_asc(certificate, name.c_str(), 0);
  if (matched == kNoAddress) {  // an address is never a DNS name (RFC 9525 section 3)
    matched = X509_check_host(certificate, name.data(), name.size(), kFlags, nullptr);
  }
  facts.name_matches = matched == 1;
  if (matched != 1) Append(facts.error, "the certificate is not for " + name);
}

std::string SubjectOf(const X509_NAME* name) {
  const std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size)).substr(0, 200);
}

// After a verification: how far the chain leads.
void DescribeChain(X509_STORE_CTX* context, bool unknown_issuer, CertificateFacts& facts) {
  const STACK_OF(X509)* built = X509_STORE_CTX_get0_chain(context);
  const int length = built == nullptr ? 0 : sk_X509_num(built);
  if (length == 0) return;
  X509* last = sk_X509_value(built, length - 1);
  facts.chain_complete = !unknown_issuer;
  if (!unknown_issuer) {
    facts.root = SubjectOf(X509_get_subject_name(last));
  } else if (IsSelfIssued(last)) {
    facts.chain_error = SubjectOf(X509_get_subject_name(last)) + " is none of the authorities";
  } else {
    facts.chain_error =
        SubjectOf(X509_get_issuer_name(last)) + " was not sent, and is none of the authorities";
  }
}

void Verify(CertificateAuthorities& authorities, const std::vector<Certificate>& chain,
            UnixSeconds now, CertificateFacts& facts) {
  const std::unique_ptr<STACK_OF(X509), Free> others(sk_X509_new_null());
  std::vector<X509*> all;
  all.reserve(chain.size());
  for (const Certificate& one : chain) {
    if (!all.empty()) sk_X509_push(others.get(), one.get());
    all.push_back(one.get());
  }
  X509_STORE* const store = authorities.StoreFor(all);
  const std::unique_ptr<X509_STORE_CTX, Free> context(X509_STORE_CTX_new());
  if (X509_STORE_CTX_init(context.get(), store, chain[0].get(), others.get()) != 1) return;
  X509_STORE_CTX_set_default(context.get(), "ssl_server");
  X509_STORE_CTX_set_time(context.get(), 0, now);
  X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(context.get()), kAuthLevel);
  Errors found;
  std::string& errors = found.text;
  X509_STORE_CTX_set_ex_data(context.get(), 0, &found);
  X509_STORE_CTX_set_verify_cb(context.get(), OnVerify);
  const int code = X509_verify_cert(context.get());
  if (code != 1 && errors.empty()) errors = "the chain cannot be verified";
  facts.valid = errors.empty();
  DescribeChain(context.get(), found.unknown_issuer, facts);
  if (!errors.empty()) Append(facts.error, errors);
  ERR_clear_error();
}

}  // namespace

struct CertificateJudge::State {
  explicit State(Env& outside) : env(outside) {}

  absl::StatusOr<CertificateAuthorities>& AuthoritiesOf(const std::string& ca_file) {
    auto found = authorities.find(ca_file);
    if (found == authorities.end()) {
      found = authorities.emplace(ca_file, ReadAuthorities(env, ca_file)).first;
    }
    return found->second;
  }

  Env& env;
  std::map<std::string, absl::StatusOr<CertificateAuthorities>> authorities;
};

CertificateJudge::CertificateJudge(Env& env) : state_(std::make_unique<State>(env)) {}
CertificateJudge::~CertificateJudge() = default;

CertificateFacts CertificateJudge::Judge(const std::vector<std::string>& chain,
                                         const std::string& name, const std::string& ca_file) {
  CertificateFacts facts;
  std::vector<Certificate> parsed;
  for (const std::string& der : chain) {
    Certificate one = Parse(der);
    if (one == nullptr && parsed.empty()) {
      facts.valid = false;
      facts.error = "the certificate cannot be read";
      return facts;
    }
    if (one != nullptr) parsed.push_back(std::move(one));
  }
  const UnixSeconds now = state_->env.Now();
  X509* own = parsed[0].get();
  DescribeKey(own, facts);
  DescribeDates(own, now, facts);
  facts.signature_algorithm = OBJ_nid2ln(X509_get_signature_nid(own));
  facts.self_signed = X509_self_signed(own, 1) == 1;
  for (const Certificate& one : parsed) {
    const bool root = one.get() != own && IsSelfIssued(one.get());
    if (facts.weak_signature || root || !IsWeakSignature(one.get())) continue;
    facts.weak_signature = true;
    facts.weak_signature_of = SubjectOf(X509_get_subject_name(one.get()));
  }
  absl::StatusOr<CertificateAuthorities>& authorities = state_->AuthoritiesOf(ca_file);
  if (authorities.ok()) {
    Verify(*authorities, parsed, now, facts);
  } else {
    Append(facts.error,
           "the authorities cannot be read: " + std::string(authorities.status().message()));
  }
  MatchName(own, name, facts);
  return facts;
}

SuiteKey CertificateKey(const std::string& der) {
  const Certificate certificate = Parse(der);
  EVP_PKEY* key = certificate == nullptr ? nullptr : X509_get0_pubkey(certificate.get());
  if (key == nullptr) return SuiteKey::kAny;
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
      return SuiteKey::kRsa;
    case EVP_PKEY_EC:
    case EVP_PKEY_ED25519:
    case EVP_PKEY_ED448:
      return SuiteKey::kEcdsa;
    default:
      return SuiteKey::kAny;
  }
}

}  // namespace tom
