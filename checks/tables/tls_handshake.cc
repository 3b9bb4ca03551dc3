// The one thing that libssl is needed for: proving a certificate under TLSv1.3.
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>

#include "checks/tables/tls_dialogue.h"

namespace tom {
namespace {

constexpr long kMaxCertificateList = 256 << 10;

struct FreeSsl {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using Context = std::unique_ptr<SSL_CTX, FreeSsl>;

constexpr char kRsaSignatures[] =
    "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:rsa_pss_pss_sha256:"
    "rsa_pss_pss_sha384:rsa_pss_pss_sha512:RSA+SHA256:RSA+SHA384:RSA+SHA512";
constexpr char kEcSignatures[] = "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:ed448";

// Called when the server asks for a client's certificate; there is none.
int OnClientCertificate(SSL* ssl, X509**, EVP_PKEY**) {
  *static_cast<bool*>(SSL_get_app_data(ssl)) = true;
  return 0;
}

Context MakeContext() {
  Context context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) return nullptr;
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_max_cert_list(context.get(), kMaxCertificateList);
  SSL_CTX_set_client_cert_cb(context.get(), OnClientCertificate);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set_ciphersuites(context.get(),
                           "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
                           "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_CCM_SHA256:"
                           "TLS_AES_128_CCM_8_SHA256");
  constexpr std::array<unsigned char, 12> kAlpn = {2,   'h', '2', 8,   'h', 't',
                                                   't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(context.get(), kAlpn.data(), kAlpn.size());
  return context;
}

class HandshakeDialogue : public TlsDialogue {
 public:
  HandshakeDialogue(std::unique_ptr<SSL, FreeSsl> ssl, BIO* in, BIO* out)
      : ssl_(std::move(ssl)), in_(in), out_(out) {
    SSL_set_app_data(ssl_.get(), &asked_);
    SSL_set_connect_state(ssl_.get());
  }

  std::string Open() override {
    Step();
    return Pending();
  }

  TcpReaction Receive(std::string_view bytes) override {
    BIO_write(in_, bytes.data(), static_cast<int>(bytes.size()));
    const bool over = Step();
    return {.send = over ? "" : Pending(), .enough = over};
  }

  TlsAnswer Answer(const TcpResult& result) const override {
    TlsAnswer answer = AnswerOfEnd(result);
    answer.flight.client_certificate = asked_;
    const unsigned char* alpn = nullptr;
    unsigned alpn_size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &alpn, &alpn_size);
    answer.flight.alpn.assign(reinterpret_cast<const char*>(alpn), alpn_size);
    const STACK_OF(X509)* chain = SSL_get_peer_cert_chain(ssl_.get());
    for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i) {
      unsigned char* der = nullptr;
      const int size = i2d_X509(sk_X509_value(chain, i), &der);
      if (size > 0) {
        answer.flight.certificates.emplace_back(reinterpret_cast<char*>(der),
                                                static_cast<size_t>(size));
      }
      OPENSSL_free(der);
    }
    if (done_ || chain != nullptr) {
      answer.kind = TlsAnswer::Kind::kAccepted;
      answer.text = "accepted";
      answer.flight.version = TlsVersion::kTls13;
    } else if (failed_) {
      answer.kind = TlsAnswer::Kind::kRefused;
      answer.text = "the handshake failed";
    }
    return answer;
  }

 private:
  // True when the handshake is over, one way or the other.
  bool Step() {
    ERR_clear_error();
    const int code = SSL_do_handshake(ssl_.get());
    done_ = code == 1;
    const int error = SSL_get_error(ssl_.get(), code);
    failed_ = !done_ && error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE;
    ERR_clear_error();
    return done_ || failed_;
  }

  std::string Pending() {
    char* data = nullptr;
    const long size = BIO_get_mem_data(out_, &data);
    std::string bytes(data, size > 0 ? static_cast<size_t>(size) : 0);
    static_cast<void>(BIO_reset(out_));
    return bytes;
  }

  std::unique_ptr<SSL, FreeSsl> ssl_;
  BIO* in_;  // both belong to ssl_
  BIO* out_;
  bool asked_ = false;
  bool done_ = false;
  bool failed_ = false;
};

}  // namespace

struct TlsHandshaker::State {
  Context context;  // made when first wanted: most endpoints speak TLSv1.2 too
};

TlsHandshaker::TlsHandshaker() : state_(std::make_unique<State>()) {}
TlsHandshaker::~TlsHandshaker() = default;

std::unique_ptr<TlsDialogue> TlsHandshaker::Make(const std::string& server_name, SuiteKey key) {
  if (state_->context == nullptr) state_->context = MakeContext();
  if (state_->context == nullptr) return nullptr;
  std::unique_ptr<SSL, FreeSsl> ssl(SSL_new(state_->context.get()));
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  if (ssl == nullptr || in == nullptr || out == nullptr) {
    BIO_free(in);
    BIO_free(out);
    return nullptr;
  }
  BIO_set_mem_eof_return(in, -1);
  BIO_set_mem_eof_return(out, -1);
  SSL_set_bio(ssl.get(), in, out);
  if (key == SuiteKey::kRsa) SSL_set1_sigalgs_list(ssl.get(), kRsaSignatures);
  if (key == SuiteKey::kEcdsa) SSL_set1_sigalgs_list(ssl.get(), kEcSignatures);
  if (!server_name.empty()) SSL_set_tlsext_host_name(ssl.get(), server_name.c_str());
  return std::make_unique<HandshakeDialogue>(std::move(ssl), in, out);
}

}  // namespace tom
