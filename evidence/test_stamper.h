// For tests alone: a time-stamp authority whose clock is the test's own.
#ifndef TOM_EVIDENCE_TEST_STAMPER_H_
#define TOM_EVIDENCE_TEST_STAMPER_H_

#include <openssl/pem.h>
#include <openssl/ts.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "evidence/openssl_ptr.h"
#include "evidence/test_pki.h"
#include "evidence/utc_time.h"

namespace tom::test {

// Stamps with an identity of IssueAuthority. Not copied, one thread.
class TestStamper {
 public:
  explicit TestStamper(const TestPki::Identity& identity) : context_(TS_RESP_CTX_new()) {
    const BioPtr cert = ReadBio(identity.cert_pem);
    const BioPtr key = ReadBio(identity.key_pem);
    const X509Ptr certificate(PEM_read_bio_X509(cert.get(), nullptr, nullptr, nullptr));
    const EvpPkeyPtr private_key(PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr));
    const std::unique_ptr<ASN1_OBJECT, OpensslFree<ASN1_OBJECT_free>> policy(
        OBJ_txt2obj("1.3.6.1.4.1.32473.1", 1));
    Need(TS_RESP_CTX_set_signer_cert(Get(), certificate.get()));
    Need(TS_RESP_CTX_set_signer_key(Get(), private_key.get()));
    Need(TS_RESP_CTX_set_signer_digest(Get(), EVP_sha256()));
    Need(TS_RESP_CTX_set_ess_cert_id_digest(Get(), EVP_sha256()));
    Need(TS_RESP_CTX_set_def_policy(Get(), policy.get()));
    Need(TS_RESP_CTX_add_md(Get(), EVP_sha256()));
    TS_RESP_CTX_set_serial_cb(Get(), Serial, this);
    TS_RESP_CTX_set_time_cb(Get(), Time, this);
  }
  TestStamper(const TestStamper&) = delete;
  TestStamper& operator=(const TestStamper&) = delete;
  ~TestStamper() = default;

  // A DER token over `imprint` that states `time`.
  std::string Token(UnixSeconds time, const Digest& imprint) {
    now_ = time;
    const BioPtr request = Request(imprint);
    const std::unique_ptr<TS_RESP, OpensslFree<TS_RESP_free>> reply(
        TS_RESP_create_response(Get(), request.get()));
    if (reply == nullptr || TS_RESP_get_token(reply.get()) == nullptr) Need(0);
    return ToDer<i2d_PKCS7>(TS_RESP_get_token(reply.get()));
  }

 private:
  static void Need(int good) {
    if (good != 1) throw std::runtime_error("time-stamp: " + TakeOpensslError());
  }

  static BioPtr Request(const Digest& imprint) {
    const std::unique_ptr<TS_REQ, OpensslFree<TS_REQ_free>> request(TS_REQ_new());
    const std::unique_ptr<TS_MSG_IMPRINT, OpensslFree<TS_MSG_IMPRINT_free>> message(
        TS_MSG_IMPRINT_new());
    const std::unique_ptr<X509_ALGOR, OpensslFree<X509_ALGOR_free>> algorithm(X509_ALGOR_new());
    X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr);
    std::string raw(imprint.Raw());
    Need(TS_MSG_IMPRINT_set_algo(message.get(), algorithm.get()));
    Need(TS_MSG_IMPRINT_set_msg(message.get(), reinterpret_cast<unsigned char*>(raw.data()),
                                static_cast<int>(raw.size())));
    Need(TS_REQ_set_version(request.get(), 1));
    Need(TS_REQ_set_msg_imprint(request.get(), message.get()));
    Need(TS_REQ_set_cert_req(request.get(), 1));
    BioPtr bio(BIO_new(BIO_s_mem()));
    Need(i2d_TS_REQ_bio(bio.get(), request.get()));
    return bio;
  }

  static ASN1_INTEGER* Serial(TS_RESP_CTX*, void* self) {
    ASN1_INTEGER* serial = ASN1_INTEGER_new();
    ASN1_INTEGER_set_uint64(serial, ++static_cast<TestStamper*>(self)->serial_);
    return serial;
  }
  static int Time(TS_RESP_CTX*, void* self, long* seconds, long* microseconds) {
    *seconds = static_cast<TestStamper*>(self)->now_;
    *microseconds = 0;
    return 1;
  }

  TS_RESP_CTX* Get() { return context_.get(); }

  std::unique_ptr<TS_RESP_CTX, OpensslFree<TS_RESP_CTX_free>> context_;
  UnixSeconds now_ = 0;
  uint64_t serial_ = 0;
};

}  // namespace tom::test

#endif  // TOM_EVIDENCE_TEST_STAMPER_H_
