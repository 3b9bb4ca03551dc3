#include "checks/tables/certificate_authorities.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <optional>

namespace tom {
namespace {

struct Free {
  void operator()(X509* one) const { X509_free(one); }
  void operator()(X509_NAME* one) const { X509_NAME_free(one); }
  void operator()(BIO* one) const { BIO_free(one); }
};

// Canonical: names that RFC 5280 calls equal have the same one. Others may share it: then one more
// authority of the same bundle is decoded, which changes no answer.
unsigned long HashOf(const X509_NAME* name) {
  return X509_NAME_hash_ex(name, nullptr, nullptr, nullptr);
}

// One element of DER off the front of `bytes`: `whole` of it, and its `body`.
struct Element {
  int tag = 0;
  std::string_view whole;
  std::string_view body;
};
std::optional<Element> Take(std::string_view& bytes) {
  const auto* const start = reinterpret_cast<const unsigned char*>(bytes.data());
  const unsigned char* at = start;
  long size = 0;
  int tag = 0;
  int tag_class = 0;
  const int form = ASN1_get_object(&at, &size, &tag, &tag_class, static_cast<long>(bytes.size()));
  if ((form & 0x80) != 0 || (form & 1) != 0) return std::nullopt;  // no element, or without a size
  const auto header = static_cast<size_t>(at - start);
  const Element element = {tag, bytes.substr(0, header + static_cast<size_t>(size)),
                           bytes.substr(header, static_cast<size_t>(size))};
  bytes.remove_prefix(element.whole.size());
  return element;
}

// The hash of the subject (RFC 5280 section 4.1), without decoding the rest.
std::optional<unsigned long> SubjectOf(std::string_view der) {
  const auto certificate = Take(der);
  if (!certificate) return std::nullopt;
  std::string_view rest = certificate->body;
  const auto signed_part = Take(rest);
  if (!signed_part) return std::nullopt;
  rest = signed_part->body;
  std::optional<Element> element = Take(rest);
  if (element && element->tag == 0) element = Take(rest);  // behind the version: the serial number
  // Its signature's algorithm, its issuer, its validity and then the subject.
  for (int i = 0; element && i < 4; ++i) element = Take(rest);
  if (!element) return std::nullopt;
  const auto* at = reinterpret_cast<const unsigned char*>(element->whole.data());
  const std::unique_ptr<X509_NAME, Free> name(
      d2i_X509_NAME(nullptr, &at, static_cast<long>(element->whole.size())));
  if (name == nullptr) return std::nullopt;
  return HashOf(name.get());
}

struct Block {
  std::string name;
  std::string der;
};
std::optional<Block> ReadBlock(BIO* bio) {
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  if (PEM_read_bio(bio, &name, &header, &data, &size) != 1) return std::nullopt;
  Block block{name, std::string(reinterpret_cast<char*>(data), static_cast<size_t>(size))};
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(data);
  return block;
}

}  // namespace

void CertificateAuthorities::FreeStore::operator()(X509_STORE* store) const {
  X509_STORE_free(store);
}

CertificateAuthorities::CertificateAuthorities(std::string_view pem) : store_(X509_STORE_new()) {
  const std::unique_ptr<BIO, Free> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  while (auto block = ReadBlock(bio.get())) {
    const bool certificate = block->name == PEM_STRING_X509 || block->name == PEM_STRING_X509_OLD ||
                             block->name == PEM_STRING_X509_TRUSTED;
    if (!certificate) continue;
    const auto subject = SubjectOf(block->der);
    if (!subject) continue;
    waiting_.emplace(*subject, std::move(block->der));
    ++size_;
  }
  ERR_clear_error();
}

X509_STORE* CertificateAuthorities::StoreFor(const std::vector<X509*>& chain) {
  std::vector<unsigned long> wanted;
  for (const X509* one : chain) {
    wanted.push_back(HashOf(X509_get_subject_name(one)));
    wanted.push_back(HashOf(X509_get_issuer_name(one)));
  }
  while (!wanted.empty()) {
    const unsigned long subject = wanted.back();
    wanted.pop_back();
    Decode(subject, wanted);
  }
  ERR_clear_error();
  return store_.get();
}

// Each once; whom they were issued by is wanted too.
void CertificateAuthorities::Decode(unsigned long subject, std::vector<unsigned long>& wanted) {
  const auto [first, last] = waiting_.equal_range(subject);
  for (auto it = first; it != last; ++it) {
    const auto* at = reinterpret_cast<const unsigned char*>(it->second.data());
    const std::unique_ptr<X509, Free> one(
        d2i_X509_AUX(nullptr, &at, static_cast<long>(it->second.size())));
    if (one == nullptr) continue;
    X509_STORE_add_cert(store_.get(), one.get());
    wanted.push_back(HashOf(X509_get_issuer_name(one.get())));
  }
  waiting_.erase(first, last);
}

}  // namespace tom
