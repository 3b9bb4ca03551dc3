#include "checks/tables/certificate_authorities.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace tom {
namespace {

struct Free {
  void operator()(X509* one) const { X509_free(one); }
  void operator()(EVP_PKEY* one) const { EVP_PKEY_free(one); }
  void operator()(BIO* one) const { BIO_free(one); }
  void operator()(X509_STORE_CTX* one) const { X509_STORE_CTX_free(one); }
};

struct Party {
  std::unique_ptr<EVP_PKEY, Free> key;
  std::unique_ptr<X509, Free> certificate;
};

void SetName(X509_NAME* name, const char* text, int type) {
  X509_NAME_add_entry_by_txt(name, "CN", type, reinterpret_cast<const unsigned char*>(text), -1, -1,
                             0);
}

// An authority, or for `name` "leaf" none. `issuer` null: it signs itself.
Party Issue(const char* name, const Party* issuer, const char* issuer_name,
            int issuer_type = MBSTRING_ASC) {
  Party made;
  made.key.reset(EVP_EC_gen("P-256"));
  made.certificate.reset(X509_new());
  X509* x = made.certificate.get();
  X509_set_version(x, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
  X509_gmtime_adj(X509_getm_notBefore(x), -1000);
  X509_gmtime_adj(X509_getm_notAfter(x), 100000);
  SetName(X509_get_subject_name(x), name, MBSTRING_ASC);
  X509_NAME* by = X509_NAME_new();
  SetName(by, issuer_name, issuer_type);
  X509_set_issuer_name(x, by);
  X509_NAME_free(by);
  X509_set_pubkey(x, made.key.get());
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer == nullptr ? x : issuer->certificate.get(), x, nullptr, nullptr,
                 0);
  const auto extend = [&](int nid, const char* value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    X509_add_ext(x, extension, -1);
    X509_EXTENSION_free(extension);
  };
  extend(NID_subject_key_identifier, "hash");
  if (issuer != nullptr) extend(NID_authority_key_identifier, "keyid");
  if (std::string(name) != "leaf") extend(NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(x, (issuer == nullptr ? made : *issuer).key.get(), EVP_sha256());
  return made;
}

std::string Pem(const Party& party, bool trusted = false) {
  const std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
  if (trusted) {
    PEM_write_bio_X509_AUX(bio.get(), party.certificate.get());
  } else {
    PEM_write_bio_X509(bio.get(), party.certificate.get());
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

// X509_V_OK, or what is wrong.
int Verify(CertificateAuthorities& authorities, const Party& leaf) {
  const std::unique_ptr<X509_STORE_CTX, Free> context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), authorities.StoreFor({leaf.certificate.get()}),
                      leaf.certificate.get(), nullptr);
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

int Decoded(CertificateAuthorities& authorities, const Party& party) {
  X509_STORE* store = authorities.StoreFor({party.certificate.get()});
  return sk_X509_OBJECT_num(X509_STORE_get0_objects(store));
}

TEST(CertificateAuthorities, WhatAChainCanComeToIsDecodedAndNothingElse) {
  const Party root = Issue("Root", nullptr, "Root");
  const Party middle = Issue("Middle", &root, "Root");
  const Party other = Issue("Other", nullptr, "Other");
  const Party leaf = Issue("leaf", &middle, "Middle");
  CertificateAuthorities authorities(Pem(other) + "words between\n" + Pem(root) + Pem(middle));
  EXPECT_EQ(authorities.size(), 3u);
  EXPECT_EQ(Verify(authorities, leaf), X509_V_OK);
  EXPECT_EQ(Decoded(authorities, leaf), 2);
  EXPECT_EQ(Decoded(authorities, other), 3);  // one that is sent is looked for by itself, too
  EXPECT_EQ(Verify(authorities, leaf), X509_V_OK);
}

TEST(CertificateAuthorities, NamesAreEqualAsRfc5280Says) {
  const Party root = Issue("Example  Root", nullptr, "Example  Root");
  const Party leaf = Issue("leaf", &root, "example ROOT ", MBSTRING_UTF8);
  CertificateAuthorities authorities(Pem(root));
  EXPECT_EQ(Verify(authorities, leaf), X509_V_OK);
}

TEST(CertificateAuthorities, TwoOfOneNameAreBothTried) {
  const Party old_root = Issue("Root", nullptr, "Root");
  const Party new_root = Issue("Root", nullptr, "Root");
  CertificateAuthorities authorities(Pem(old_root) + Pem(new_root, true));
  EXPECT_EQ(Verify(authorities, Issue("leaf", &new_root, "Root")), X509_V_OK);
  EXPECT_EQ(Verify(authorities, Issue("leaf", &old_root, "Root")), X509_V_OK);
}

TEST(CertificateAuthorities, AStrangerIsNone) {
  const Party root = Issue("Root", nullptr, "Root");
  const Party stranger = Issue("Stranger", nullptr, "Stranger");
  const Party namesake = Issue("Root", nullptr, "Root");
  CertificateAuthorities authorities(Pem(root));
  EXPECT_EQ(Verify(authorities, Issue("leaf", &stranger, "Stranger")),
            X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
  EXPECT_EQ(Verify(authorities, Issue("leaf", &namesake, "Root")),
            X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
}

TEST(CertificateAuthorities, WhatIsNoCertificateCountsForNothing) {
  const std::string root = Pem(Issue("Root", nullptr, "Root"));
  const std::string key = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
  const std::string no = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
  const struct {
    std::string pem;
    size_t size;
  } cases[] = {{"", 0},
               {std::string("\0\0", 2), 0},
               {"nothing", 0},
               {key, 0},
               {no, 0},
               {key + root, 1},
               {no + root, 1},
               {root + root, 2},
               {root.substr(0, root.size() / 2), 0},
               {root + root.substr(0, root.size() / 2), 1}};
  for (const auto& c : cases) EXPECT_EQ(CertificateAuthorities(c.pem).size(), c.size) << c.pem;
}

}  // namespace
}  // namespace tom
