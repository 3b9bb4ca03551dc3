// The authorities of a bundle in PEM. Only those that a chain can lead to are decoded: a system's
// bundle has 140, whose keys cost 25 ms to read, and an endpoint needs one of them.
#ifndef TOM_CHECKS_TABLES_CERTIFICATE_AUTHORITIES_H_
#define TOM_CHECKS_TABLES_CERTIFICATE_AUTHORITIES_H_

#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tom {

// Not thread-safe.
class CertificateAuthorities {
 public:
  // What is no certificate counts for nothing; nothing is read behind a block that is not whole.
  explicit CertificateAuthorities(std::string_view pem);

  // Certificates in the bundle, decoded or not.
  size_t size() const { return size_; }

  // All authorities that a verification of `chain` can come to, by the names that the certificates
  // bear: as good as a store with the whole bundle. Owned by this; good until the next call.
  X509_STORE* StoreFor(const std::vector<X509*>& chain);

 private:
  struct FreeStore {
    void operator()(X509_STORE* store) const;
  };

  void Decode(unsigned long subject, std::vector<unsigned long>& wanted);

  size_t size_ = 0;
  std::unordered_multimap<unsigned long, std::string> waiting_;  // hash of the subject -> DER
  std::unique_ptr<X509_STORE, FreeStore> store_;
};

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_CERTIFICATE_AUTHORITIES_H_
