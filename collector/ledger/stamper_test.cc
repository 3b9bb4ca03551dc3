#include "collector/ledger/stamper.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <ctime>

#include "collector/ingest/anchor_reply.h"
#include "collector/server/test_collector.h"
#include "evidence/checkpoint.h"
#include "evidence/limits.h"
#include "evidence/scope_statements.h"
#include "evidence/test_pki.h"

namespace tom {
namespace {

enum class Lie { kNone, kGarbage, kHugeReply, kOtherRequest, kSilence, kHttpError };

// RFC 3161 over HTTP on loopback, by the machine's clock; the openssl program writes the replies,
// so that our reader is judged against it.
class HttpAuthority {
 public:
  HttpAuthority() : identity_(pki_.IssueAuthority("tsa")) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener_, any, size), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    getsockname(listener_, any, &size);
    url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
    thread_ = std::thread([this] { Loop(); });
  }
  ~HttpAuthority() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  TsaConfig Config() {
    TsaConfig config;
    config.url = url;
    config.authorities = {pki_.ca().der};
    config.deadline_seconds = 30;
    return config;
  }

  std::string url;
  std::atomic<Lie> lie{Lie::kNone};

 private:
  void Loop() {
    for (int peer = accept(listener_, nullptr, nullptr); peer >= 0;
         peer = accept(listener_, nullptr, nullptr)) {
      const std::string reply = Answer(ReadBody(peer));
      if (!reply.empty()) (void)!send(peer, reply.data(), reply.size(), MSG_NOSIGNAL);
      if (reply.empty()) AwaitHangUp(peer);
      close(peer);
    }
  }

  static void AwaitHangUp(int peer) {
    char byte;
    while (recv(peer, &byte, 1, 0) > 0) {
    }
  }

  static std::string ReadBody(int peer) {
    std::string request;
    char buffer[4096];
    while (true) {
      const size_t end = request.find("\r\n\r\n");
      const size_t length = request.find("Content-Length: ");
      if (end != std::string::npos && length != std::string::npos) {
        const size_t body = std::stoul(request.substr(length + 16));
        if (request.size() >= end + 4 + body) return request.substr(end + 4, body);
      }
      const ssize_t got = recv(peer, buffer, sizeof(buffer), 0);
      if (got <= 0) return "";
      request.append(buffer, static_cast<size_t>(got));
    }
  }

  std::string Reply(const std::string& query) {
    pki_.Write("http.tsq", query);
    pki_.Write("http.serial", "01\n");
    pki_.Write("http.cnf", "[tsa]\ndefault_tsa=t\n[t]\nserial=" + pki_.Path("http.serial") +
                               "\nsigner_digest=sha256\ndefault_policy=1.2.3.4\ndigests=sha256\n"
                               "ess_cert_id_alg=sha256\n");
    pki_.Run("ts -reply -config " + pki_.Path("http.cnf") + " -queryfile " + pki_.Path("http.tsq") +
             " -signer " + pki_.Path("tsa.pem") + " -inkey " + pki_.Path("tsa.key") + " -out " +
             pki_.Path("http.tsr"));
    return pki_.Read("http.tsr");
  }

  std::string Answer(const std::string& query) {
    std::string body;
    switch (lie.load()) {
      case Lie::kSilence:
        return "";
      case Lie::kHttpError:
        return "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n";
      case Lie::kGarbage:
        body = "garbage";
        break;
      case Lie::kHugeReply:
        body = std::string(1 << 20, 'x');
        break;
      case Lie::kOtherRequest:
        if (first_.empty()) first_ = Reply(query);
        body = first_;
        break;
      case Lie::kNone:
        body = Reply(query);
        break;
    }
    return "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  TestPki pki_;
  const TestPki::Identity identity_;
  int listener_ = -1;
  std::string first_;
  std::thread thread_;
};

std::vector<StampRow> Stamps(TestCollector& box) {
  std::vector<StampRow> stamps;
  EXPECT_TRUE(box.collector->store()
                  .Read([&](const StoreView& view) {
                    stamps = view.Stamps().value();
                    return absl::OkStatus();
                  })
                  .ok());
  return stamps;
}

TEST(Stamper, StampsTheTreeWithItsTick) {
  HttpAuthority authority;
  TestCollector box(authority.Config(), std::time(nullptr));
  ASSERT_TRUE(box.Authorise("secret").ok());
  const auto stamp = box.collector->stamper().StampNow();
  ASSERT_TRUE(stamp.ok()) << stamp.status();
  EXPECT_EQ(stamp->row.size, 2u);
  const LogKey key = ParseVkey(box.collector->state().trust.log_vkey).value();
  EXPECT_EQ(VerifyCheckpoint(stamp->row.note, key)->size, 2u);
  ASSERT_TRUE(box.collector->store()
                  .Read([&](const StoreView& view) {
                    const auto tick = view.LatestStatement(Kind::kTick);
                    EXPECT_EQ(tick->leaf, 1u);
                    const auto parsed = ParseKindStatement(tick->envelope.payload);
                    EXPECT_EQ(TickFrom(parsed->predicate)->size, 2u);
                    EXPECT_TRUE(VerifyEnvelope(tick->envelope, key.key).ok());
                    return absl::OkStatus();
                  })
                  .ok());
}

TEST(Stamper, AnchorsLooksBetweenTwoStamps) {
  HttpAuthority authority;
  TestCollector box(authority.Config(), std::time(nullptr));
  TestHost host = box.Enrol("web-1");
  const auto first = box.collector->stamper().StampNow();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(box.Submit(host.Next(first->row.time)).status, AckStatus::kAccepted);  // no anchor yet
  host.SetAnchor({first->row.size, first->row.root, Sha256(first->row.token)});
  const UnixSeconds observed = first->row.time;
  EXPECT_EQ(box.Submit(host.Next(observed)).status, AckStatus::kAccepted);
  const auto second = box.collector->stamper().StampNow();
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_TRUE(box.collector->store()
                  .Read([&](const StoreView& view) -> absl::Status {
                    const auto rows = view.Anchored(host.host(), {0, kForever});
                    EXPECT_EQ(rows->size(), 3u);
                    for (const AnchoredRow& row : *rows) {
                      EXPECT_EQ(row.from, observed) << row.group;
                      EXPECT_EQ(row.until, observed + 2 * IntervalSeconds(row.group).value());
                    }
                    // What the agent fetches proves its newest report within the stamped
                    // checkpoint.
                    const auto reply = MakeAnchorReply(view, host.host(), first->row.size);
                    EXPECT_TRUE(reply.ok()) << reply.status();
                    EXPECT_TRUE(merkle::VerifyConsistency(first->row.size, second->row.size,
                                                          first->row.root, second->row.root,
                                                          reply->consistency)
                                    .ok());
                    EXPECT_TRUE(reply->receipt.has_value());
                    EXPECT_EQ(reply->receipt->digest, *host.tip());
                    const Digest leaf =
                        merkle::LeafHash(LeafData(LeafBodyDigest(reply->receipt->leaf_body)));
                    EXPECT_TRUE(merkle::VerifyInclusion(reply->receipt->index, second->row.size,
                                                        leaf, reply->receipt->inclusion,
                                                        second->row.root)
                                    .ok());
                    return absl::OkStatus();
                  })
                  .ok());
}

TEST(Stamper, TakesNoTokenThatDoesNotHold) {
  HttpAuthority authority;
  TestCollector box(authority.Config(), std::time(nullptr));
  for (const Lie lie : {Lie::kGarbage, Lie::kHugeReply, Lie::kHttpError}) {
    authority.lie = lie;
    EXPECT_FALSE(box.collector->stamper().StampNow().ok()) << static_cast<int>(lie);
  }
  authority.lie = Lie::kOtherRequest;
  EXPECT_TRUE(box.collector->stamper().StampNow().ok());
  const auto replayed = box.collector->stamper().StampNow();
  EXPECT_FALSE(replayed.ok());
  EXPECT_EQ(Stamps(box).size(), 1u);
  HttpAuthority stranger;  // signs well, but nobody believes it
  TsaConfig config = authority.Config();
  config.url = stranger.url;
  box.Open(config);
  EXPECT_FALSE(box.collector->stamper().StampNow().ok());
  EXPECT_EQ(Stamps(box).size(), 1u);
}

TEST(Stamper, GivesUpOnASilentAuthority) {
  HttpAuthority authority;
  authority.lie = Lie::kSilence;
  TsaConfig config = authority.Config();
  config.deadline_seconds = 1;
  TestCollector box(config, std::time(nullptr));
  EXPECT_FALSE(box.collector->stamper().StampNow().ok());
  EXPECT_TRUE(Stamps(box).empty());
}

TEST(Stamper, WithoutAnAuthoritySaysSo) {
  TestCollector box;
  EXPECT_TRUE(absl::IsFailedPrecondition(box.collector->stamper().StampNow().status()));
}

TEST(Stamper, StampsByItselfAfterAScopeStatement) {
  HttpAuthority authority;
  TsaConfig config = authority.Config();
  config.after_scope_seconds = 60;
  TestCollector box(config, std::time(nullptr));
  std::atomic<int> stamped{0};
  box.collector->stamper().Start([&](const absl::Status& status) { stamped += status.ok(); });
  ASSERT_TRUE(box.Authorise("secret").ok());
  for (int i = 0; i < 600 && stamped == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_EQ(stamped, 1);
  ASSERT_EQ(Stamps(box).size(), 1u);
  EXPECT_GE(Stamps(box).front().size, 2u);
  box.collector.reset();
}

}  // namespace
}  // namespace tom
