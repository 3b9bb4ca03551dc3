#include "agent/bootstrap.h"

#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <memory>

#include "agent/state_file.h"
#include "evidence/certificate.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

using Clock = std::chrono::steady_clock;

struct Free {
  void operator()(SSL_CTX* p) const { SSL_CTX_free(p); }
  void operator()(SSL* p) const { SSL_free(p); }
  void operator()(X509* p) const { X509_free(p); }
  void operator()(addrinfo* p) const { freeaddrinfo(p); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

int MillisLeft(Clock::time_point until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
  return left.count() > 0 ? static_cast<int>(left.count()) : 0;
}

bool WaitFor(int fd, short events, Clock::time_point until) {
  pollfd wait{fd, events, 0};
  return poll(&wait, 1, MillisLeft(until)) == 1;
}

absl::StatusOr<OwnedFd> ConnectOne(const addrinfo& where, Clock::time_point until) {
  OwnedFd fd(socket(where.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.ok()) return FileError("socket", "cannot make");
  if (connect(fd.get(), where.ai_addr, where.ai_addrlen) == 0) return fd;
  if (errno != EINPROGRESS) return absl::UnavailableError(std::strerror(errno));
  if (!WaitFor(fd.get(), POLLOUT, until)) return absl::UnavailableError("no answer in time");
  int error = 0;
  socklen_t size = sizeof(error);
  if (getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
    return absl::UnavailableError(std::strerror(error));
  }
  return fd;
}

absl::StatusOr<OwnedFd> Connect(const CollectorAddress& address, Clock::time_point until) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found);
  if (error != 0) return absl::UnavailableError(address.Text() + ": " + gai_strerror(error));
  const Owned<addrinfo> list(found);
  absl::Status last = absl::UnavailableError("no address");
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    absl::StatusOr<OwnedFd> fd = ConnectOne(*one, until);
    if (fd.ok()) return fd;
    last = fd.status();
  }
  return Annotate(last, address.Text());
}

absl::Status Handshake(SSL* ssl, int fd, Clock::time_point until) {
  while (true) {
    ERR_clear_error();
    const int result = SSL_connect(ssl);
    if (result == 1) return absl::OkStatus();
    const int error = SSL_get_error(ssl, result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      const char* reason = ERR_reason_error_string(ERR_peek_error());
      return absl::UnavailableError(std::string("the TLS 1.3 handshake fails: ") +
                                    (reason == nullptr ? "connection closed" : reason));
    }
    if (!WaitFor(fd, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until)) {
      return absl::UnavailableError("the TLS handshake does not end in time");
    }
  }
}

std::string DerOf(X509* certificate) {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(certificate, &bytes);
  if (size <= 0) return "";
  std::string der(reinterpret_cast<char*>(bytes), static_cast<size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

std::vector<std::string> PeerChain(SSL* ssl) {
  constexpr int kMostCertificates = 10;
  std::vector<std::string> chain;
  STACK_OF(X509)* stack = SSL_get_peer_cert_chain(ssl);
  for (int i = 0; stack != nullptr && i < sk_X509_num(stack) && i < kMostCertificates; ++i) {
    chain.push_back(DerOf(sk_X509_value(stack, i)));
  }
  return chain;
}

Owned<SSL_CTX> MakeContext() {
  Owned<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) return context;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  // The chain is judged afterwards, against the token: there is nothing else yet to judge it by.
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  static constexpr unsigned char kH2[] = {2, 'h', '2'};
  SSL_CTX_set_alpn_protos(context.get(), kH2, sizeof(kH2));
  return context;
}

bool NameMatches(const std::string& der, const std::string& host) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const Owned<X509> leaf(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())));
  if (leaf == nullptr) return false;
  if (X509_check_ip_asc(leaf.get(), host.c_str(), 0) == 1) return true;
  return X509_check_host(leaf.get(), host.data(), host.size(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
                         nullptr) == 1;
}

}  // namespace

absl::StatusOr<std::string> JudgeServerChain(const std::vector<std::string>& chain_der,
                                             const std::string& host, const Digest& ca,
                                             int64_t now) {
  if (chain_der.empty()) return absl::PermissionDeniedError("the server shows no certificate");
  for (const std::string& der : chain_der) {
    if (Sha256(der) != ca) continue;
    const absl::Status verified = VerifyCertificate(chain_der[0], der, Purpose::kCollectorTls, now);
    if (!verified.ok()) {
      return absl::PermissionDeniedError(
          "the server's certificate is not a collector's under the "
          "token's CA: " +
          std::string(verified.message()));
    }
    if (!NameMatches(chain_der[0], host)) {
      return absl::PermissionDeniedError("the server's certificate is not for the name " + host);
    }
    return der;
  }
  return absl::PermissionDeniedError(
      "the server's chain does not hold the CA that the token names: not the collector that made "
      "the token, or somebody in between");
}

absl::StatusOr<std::string> FetchCa(const CollectorAddress& address, const Digest& ca,
                                    int timeout_seconds) {
  const auto until = Clock::now() + std::chrono::seconds(timeout_seconds);
  TOM_ASSIGN_OR_RETURN(const OwnedFd fd, Connect(address, until));
  const Owned<SSL_CTX> context = MakeContext();
  const Owned<SSL> ssl(context == nullptr ? nullptr : SSL_new(context.get()));
  if (ssl == nullptr || SSL_set_fd(ssl.get(), fd.get()) != 1) {
    return absl::InternalError("OpenSSL cannot make a connection");
  }
  SSL_set_tlsext_host_name(ssl.get(), address.host.c_str());
  const absl::Status shaken = Handshake(ssl.get(), fd.get(), until);
  if (!shaken.ok()) return Annotate(shaken, address.Text());
  absl::StatusOr<std::string> judged =
      JudgeServerChain(PeerChain(ssl.get()), address.host, ca, std::time(nullptr));
  if (!judged.ok()) return Annotate(judged.status(), address.Text());
  return judged;
}

}  // namespace tom
