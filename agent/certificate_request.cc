#include "agent/certificate_request.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>

namespace tom {
namespace {

struct FreeRequest {
  void operator()(X509_REQ* p) const { X509_REQ_free(p); }
};

}  // namespace

absl::StatusOr<std::string> MakeCertificateRequest(const PrivateKey& key,
                                                   std::string_view common_name) {
  const std::unique_ptr<X509_REQ, FreeRequest> request(X509_REQ_new());
  if (request == nullptr) return absl::InternalError("cannot make a certificate request");
  X509_NAME* name = X509_REQ_get_subject_name(request.get());
  const bool made =
      X509_REQ_set_version(request.get(), 0) == 1 &&
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(common_name.data()),
                                 static_cast<int>(common_name.size()), -1, 0) == 1 &&
      X509_REQ_set_pubkey(request.get(), key.get()) == 1 &&
      X509_REQ_sign(request.get(), key.get(), EVP_sha256()) > 0;
  unsigned char* bytes = nullptr;
  const int size = made ? i2d_X509_REQ(request.get(), &bytes) : 0;
  if (size <= 0) return absl::InternalError("cannot make a certificate request");
  std::string der(reinterpret_cast<char*>(bytes), static_cast<size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

}  // namespace tom
