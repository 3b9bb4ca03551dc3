#include "evidence/timestamp.h"

#include <openssl/ts.h>

#include <ctime>

#include "evidence/openssl_ptr.h"
#include "evidence/status_text.h"
#include "evidence/timestamp_token.h"

namespace tom {
namespace {

constexpr size_t kMaxAuthorities = 64;
constexpr int64_t kMaxAccuracySeconds = 60;
constexpr int kSecurityLevel = 2;  // 112 bits

using TstInfoPtr = std::unique_ptr<TS_TST_INFO, OpensslFree<TS_TST_INFO_free>>;
using TsVerifyPtr = std::unique_ptr<TS_VERIFY_CTX, OpensslFree<TS_VERIFY_CTX_free>>;

absl::Status CheckImprint(TS_TST_INFO* info, const Digest& imprint) {
  TS_MSG_IMPRINT* found = TS_TST_INFO_get_msg_imprint(info);
  if (OBJ_obj2nid(TS_MSG_IMPRINT_get_algo(found)->algorithm) != NID_sha256) {
    return RefuseTimeStamp("its imprint is not SHA-256");
  }
  const ASN1_OCTET_STRING* value = TS_MSG_IMPRINT_get_msg(found);
  const std::string_view bytes(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                               static_cast<size_t>(ASN1_STRING_length(value)));
  if (bytes != imprint.Raw()) return RefuseTimeStamp("stamps other bytes");
  return absl::OkStatus();
}

absl::Status CheckAccuracy(const TS_ACCURACY* accuracy) {
  const ASN1_INTEGER* seconds = accuracy == nullptr ? nullptr : TS_ACCURACY_get_seconds(accuracy);
  int64_t value = 0;
  if (seconds == nullptr) return absl::OkStatus();
  if (ASN1_INTEGER_get_int64(&value, seconds) != 1 || value < 0 || value > kMaxAccuracySeconds) {
    return RefuseTimeStamp("an accuracy worse than 60 s");
  }
  return absl::OkStatus();
}

absl::StatusOr<UnixSeconds> TimeOf(const TS_TST_INFO* info) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &parts) != 1)
    return RefuseTimeStamp("a broken time");
  const auto seconds = static_cast<UnixSeconds>(timegm(&parts));
  if (seconds < 0) return RefuseTimeStamp("a time before 1970");
  return seconds;
}

absl::StatusOr<X509StackPtr> ParseAuthorities(const std::vector<std::string>& ders) {
  if (ders.empty()) return absl::FailedPreconditionError("time-stamp: no authority is trusted");
  if (ders.size() > kMaxAuthorities) return BadData("time-stamp: too many authorities");
  X509StackPtr stack(sk_X509_new_null());
  for (const std::string& der : ders) {
    const unsigned char* at = Bytes(der);
    X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    if (certificate == nullptr || ToDer<i2d_X509>(certificate.get()) != der) {
      return RefuseTimeStamp("an authority's certificate is broken");
    }
    if (sk_X509_push(stack.get(), certificate.get()) == 0) return RefuseTimeStamp("out of memory");
    (void)certificate.release();  // now the stack's
  }
  return stack;
}

// The authorities as anchors, judging at the token's own time: certificates of the past stay good
// for what was stamped while they were valid. An anchor need not be a root.
X509StorePtr StoreAt(STACK_OF(X509) * authorities, UnixSeconds time) {
  X509StorePtr store(X509_STORE_new());
  for (int i = 0; i < sk_X509_num(authorities); ++i) {
    X509_STORE_add_cert(store.get(), sk_X509_value(authorities, i));
  }
  X509_VERIFY_PARAM* param = X509_STORE_get0_param(store.get());
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_auth_level(param, kSecurityLevel);
  X509_VERIFY_PARAM_set_time(param, static_cast<time_t>(time));
  return store;
}

// The signer's chain to an anchor, for the purpose of time-stamping (critical EKU, alone).
absl::Status CheckChain(PKCS7* token, X509_STORE* store, X509* signer) {
  STACK_OF(X509)* inside = token->d.sign->cert;
  const X509StoreCtxPtr context(X509_STORE_CTX_new());
  if (context == nullptr || X509_STORE_CTX_init(context.get(), store, signer, inside) != 1 ||
      X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_TIMESTAMP_SIGN) != 1) {
    return RefuseTimeStamp("out of memory");
  }
  if (X509_verify_cert(context.get()) != 1) {
    const int error = X509_STORE_CTX_get_error(context.get());
    return RefuseTimeStamp(std::string("its signer: ") + X509_verify_cert_error_string(error));
  }
  return CheckTimeStampSurplus(inside, X509_STORE_CTX_get0_chain(context.get()));
}

// Signature, ESS signing certificate, TSTInfo version and the name of the authority, by OpenSSL.
// Takes both.
absl::Status CheckSignature(PKCS7* token, X509StorePtr store, X509StackPtr authorities) {
  const TsVerifyPtr context(TS_VERIFY_CTX_new());
  if (context == nullptr) return RefuseTimeStamp("out of memory");
  TS_VERIFY_CTX_set_flags(context.get(), TS_VFY_VERSION | TS_VFY_SIGNER | TS_VFY_SIGNATURE);
  TS_VERIFY_CTX_set_store(context.get(), store.release());
  TS_VERIFY_CTX_set_certs(context.get(), authorities.release());
  if (TS_RESP_verify_token(context.get(), token) == 1) return absl::OkStatus();
  return RefuseTimeStamp(TakeOpensslError());
}

absl::StatusOr<std::string> NameOf(X509* signer) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  constexpr unsigned long kFlags = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;
  if (bio == nullptr ||
      X509_NAME_print_ex(bio.get(), X509_get_subject_name(signer), 0, kFlags) < 0) {
    return RefuseTimeStamp("its signer has no readable name");
  }
  std::string name = BioText(bio.get());
  if (!IsUtf8(name)) return RefuseTimeStamp("its signer's name is not UTF-8");
  return name;
}

}  // namespace

absl::StatusOr<TimeStamp> VerifyTimeStamp(std::string_view token_der, const Digest& imprint,
                                          const std::vector<std::string>& authorities) {
  TOM_ASSIGN_OR_RETURN(X509StackPtr trusted, ParseAuthorities(authorities));
  TOM_ASSIGN_OR_RETURN(const Pkcs7Ptr token, ParseTimeStampToken(token_der));
  const TstInfoPtr info(PKCS7_to_TS_TST_INFO(token.get()));
  if (info == nullptr) return RefuseTimeStamp("no TSTInfo inside");
  TOM_RETURN_IF_ERROR(CheckImprint(info.get(), imprint));
  TOM_RETURN_IF_ERROR(CheckAccuracy(TS_TST_INFO_get_accuracy(info.get())));
  TimeStamp stamp;
  TOM_ASSIGN_OR_RETURN(stamp.time, TimeOf(info.get()));
  const X509ViewPtr signers(PKCS7_get0_signers(token.get(), trusted.get(), 0));
  if (signers == nullptr || sk_X509_num(signers.get()) != 1) {
    return RefuseTimeStamp("its signer's certificate is neither inside nor trusted");
  }
  X509* signer = sk_X509_value(signers.get(), 0);
  TOM_RETURN_IF_ERROR(CheckTimeStampFrame(token.get(), signer));
  X509StorePtr store = StoreAt(trusted.get(), stamp.time);
  TOM_RETURN_IF_ERROR(CheckChain(token.get(), store.get(), signer));
  TOM_ASSIGN_OR_RETURN(stamp.authority, NameOf(signer));
  TOM_RETURN_IF_ERROR(CheckSignature(token.get(), std::move(store), std::move(trusted)));
  return stamp;
}

}  // namespace tom
