// Who the agent talks to, against the openssl program as the other side.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ctime>
#include <stdexcept>
#include <string>
#include <vector>

#include "agent/bootstrap.h"
#include "agent/collector_client.h"
#include "agent/state_file.h"
#include "evidence/test_pki.h"

namespace tom {
namespace {

// A TCP socket that listens on a port of the kernel's choice and never answers.
class SilentServer {
 public:
  SilentServer() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    if (bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        listen(fd_.get(), 5) != 0 ||
        getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("no port");
    }
    port_ = ntohs(address.sin_port);
  }
  CollectorAddress address() const { return {"127.0.0.1", std::to_string(port_)}; }
  void Close() { fd_.Close(); }

 private:
  OwnedFd fd_;
  int port_ = 0;
};

class TlsServer {
 public:
  TlsServer(const TestPki& pki, const TestPki::Identity& identity, const std::string& chain,
            std::vector<std::string> options = {}) {
    SilentServer port;
    address_ = port.address();
    port.Close();
    std::vector<std::string> arguments = {"openssl",
                                          "s_server",
                                          "-accept",
                                          address_.host + ":" + address_.port,
                                          "-quiet",
                                          "-alpn",
                                          "h2",
                                          "-cert",
                                          pki.Path(identity.name + ".pem"),
                                          "-key",
                                          pki.Path(identity.name + ".key"),
                                          "-cert_chain",
                                          pki.Path(chain + ".pem")};
    arguments.insert(arguments.end(), options.begin(), options.end());
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    if (posix_spawnp(&pid_, "openssl", &actions, nullptr, argv.data(), environ) != 0) {
      throw std::runtime_error("openssl");
    }
    posix_spawn_file_actions_destroy(&actions);
    WaitUntilUp();
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  ~TlsServer() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  const CollectorAddress& address() const { return address_; }

 private:
  void WaitUntilUp() {
    for (int i = 0; i < 200; ++i) {
      const OwnedFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      address.sin_port = htons(static_cast<uint16_t>(std::stoi(address_.port)));
      if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) return;
      usleep(20'000);
    }
    throw std::runtime_error("s_server did not come up");
  }

  CollectorAddress address_;
  pid_t pid_ = -1;
};

class ConnectionTest : public testing::Test {
 protected:
  ConnectionTest() {
    PrepareGrpcEnvironment();
    server_ = pki_.Issue("server", "serverAuth", kServer + "IP:127.0.0.1,DNS:localhost");
    host_ = pki_.IssueFor(Purpose::kHostTls, "host");
  }
  Digest ca() const { return Sha256(pki_.ca().der); }
  absl::Status Ask(const CollectorAddress& address) {
    return ConnectAsHost(address, {pki_.ca().cert_pem, host_.cert_pem, host_.key_pem})
        ->GetAnchor(0)
        .status();
  }

  const std::string kServer =
      "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nsubjectAltName=";
  TestPki pki_;
  TestPki::Identity server_;
  TestPki::Identity host_;
};

TEST_F(ConnectionTest, BootstrapTakesTheCaThatTheTokenNames) {
  const TlsServer server(pki_, server_, "ca");
  const auto der = FetchCa(server.address(), ca(), 10);
  ASSERT_TRUE(der.ok()) << der.status();
  EXPECT_EQ(*der, pki_.ca().der);
}

TEST_F(ConnectionTest, BootstrapRefusesAnotherCa) {
  pki_.MakeCa("foreign");
  const auto identity = pki_.Issue("impostor", "serverAuth", kServer + "IP:127.0.0.1",
                                   "20200101000000Z", "20491231235959Z", "foreign");
  const TlsServer server(pki_, identity, "foreign");
  const auto der = FetchCa(server.address(), ca(), 10);
  EXPECT_TRUE(absl::IsPermissionDenied(der.status())) << der.status();
  // The right CA beside a certificate that it did not sign.
  const TlsServer beside(pki_, identity, "ca");
  const auto mixed = FetchCa(beside.address(), ca(), 10);
  EXPECT_TRUE(absl::IsPermissionDenied(mixed.status())) << mixed.status();
}

TEST_F(ConnectionTest, BootstrapRefusesAnotherNamePurposeOrTime) {
  const std::vector<TestPki::Identity> identities = {
      pki_.Issue("named", "serverAuth", kServer + "DNS:other.example.org"),
      host_,
      pki_.Issue("old", "serverAuth", kServer + "IP:127.0.0.1", "20200101000000Z",
                 "20210101000000Z"),
  };
  for (const auto& identity : identities) {
    const auto judged =
        JudgeServerChain({identity.der, pki_.ca().der}, "127.0.0.1", ca(), std::time(nullptr));
    EXPECT_TRUE(absl::IsPermissionDenied(judged.status()))
        << identity.name << ": " << judged.status();
  }
  EXPECT_FALSE(JudgeServerChain({}, "127.0.0.1", ca(), std::time(nullptr)).ok());
  EXPECT_FALSE(JudgeServerChain({pki_.ca().der}, "127.0.0.1", ca(), std::time(nullptr)).ok());
}

TEST_F(ConnectionTest, BootstrapRefusesTls12) {
  const TlsServer server(pki_, server_, "ca", {"-tls1_2"});
  const auto der = FetchCa(server.address(), ca(), 10);
  EXPECT_TRUE(absl::IsUnavailable(der.status())) << der.status();
}

TEST_F(ConnectionTest, BootstrapEndsWhenNobodySpeaks) {
  const SilentServer server;
  const time_t began = std::time(nullptr);
  const auto der = FetchCa(server.address(), ca(), 2);
  EXPECT_TRUE(absl::IsUnavailable(der.status())) << der.status();
  EXPECT_LT(std::time(nullptr) - began, 5);
  SilentServer closed;
  const CollectorAddress address = closed.address();
  closed.Close();
  EXPECT_TRUE(absl::IsUnavailable(FetchCa(address, ca(), 2).status()));
}

TEST_F(ConnectionTest, NothingIsSentToACollectorOfAnotherCa) {
  pki_.MakeCa("foreign");
  const auto identity = pki_.Issue("impostor", "serverAuth", kServer + "IP:127.0.0.1",
                                   "20200101000000Z", "20491231235959Z", "foreign");
  const TlsServer server(pki_, identity, "foreign");
  const absl::Status status = Ask(server.address());
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
}

TEST_F(ConnectionTest, AHostsCertificateIsNoCollector) {
  const auto identity = pki_.Issue("peer", "clientAuth", kServer + "IP:127.0.0.1");
  const TlsServer server(pki_, identity, "ca");
  const absl::Status status = Ask(server.address());
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
}

TEST_F(ConnectionTest, ReportingRefusesTls12) {
  const TlsServer server(pki_, server_, "ca", {"-tls1_2"});
  const absl::Status status = Ask(server.address());
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
}

}  // namespace
}  // namespace tom
