// Owning pointers for OpenSSL's objects, and its error queue as text. For .cc files only: no header
// of ours shows OpenSSL's types, so callers do not compile against them.
#ifndef TOM_EVIDENCE_OPENSSL_PTR_H_
#define TOM_EVIDENCE_OPENSSL_PTR_H_

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace tom {

template <auto kFree>
struct OpensslFree {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

using BignumPtr = std::unique_ptr<BIGNUM, OpensslFree<BN_free>>;
using BioPtr = std::unique_ptr<BIO, OpensslFree<BIO_free_all>>;
using CmsPtr = std::unique_ptr<CMS_ContentInfo, OpensslFree<CMS_ContentInfo_free>>;
using EvpMdCtxPtr = std::unique_ptr<EVP_MD_CTX, OpensslFree<EVP_MD_CTX_free>>;
using EvpPkeyPtr = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, OpensslFree<X509_free>>;
using X509StorePtr = std::unique_ptr<X509_STORE, OpensslFree<X509_STORE_free>>;
using X509StoreCtxPtr = std::unique_ptr<X509_STORE_CTX, OpensslFree<X509_STORE_CTX_free>>;

inline void FreeCertificates(STACK_OF(X509) * stack) { sk_X509_pop_free(stack, X509_free); }
// Owns the stack and its certificates.
using X509StackPtr = std::unique_ptr<STACK_OF(X509), OpensslFree<FreeCertificates>>;
inline void FreeStackOnly(STACK_OF(X509) * stack) { sk_X509_free(stack); }
// Owns the stack, borrows the certificates.
using X509ViewPtr = std::unique_ptr<STACK_OF(X509), OpensslFree<FreeStackOnly>>;

// Reads `bytes` without copying them; null when they are too long for OpenSSL's int.
inline BioPtr ReadBio(std::string_view bytes) {
  if (bytes.size() > 1 << 30) return nullptr;
  return BioPtr(
      BIO_new_mem_buf(bytes.data() == nullptr ? "" : bytes.data(), static_cast<int>(bytes.size())));
}

inline const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// What a memory BIO has been given.
inline std::string BioText(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<size_t>(size)) : std::string();
}

// DER by one of OpenSSL's i2d functions; empty when it fails.
template <auto kI2d, typename T>
std::string ToDer(T* object) {
  const int size = kI2d(object, nullptr);
  if (size <= 0) return "";
  std::string der(static_cast<size_t>(size), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  return kI2d(object, &out) == size ? der : "";
}

// The reason of the oldest queued error, and an empty queue: leftovers would be taken for errors of
// later calls.
inline std::string TakeOpensslError() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "no reason given" : reason;
}

}  // namespace tom

#endif  // TOM_EVIDENCE_OPENSSL_PTR_H_
