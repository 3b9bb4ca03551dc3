#include "checks/env/tcp_probe.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>

#include "checks/env/host_addresses.h"
#include "checks/env/loopback_listener.h"
#include "checks/env/unique_fd.h"

namespace tom {
namespace {

// A server on a port that the kernel chose; `serve` gets each connection.
class Server {
 public:
  explicit Server(std::function<void(int fd)> serve) {
    thread_ = std::thread([this, serve = std::move(serve)] {
      while (true) {
        const UniqueFd fd(accept(listener_.fd(), nullptr, nullptr));
        if (!fd || stopping_) return;
        ++accepted_;
        serve(fd.get());
      }
    });
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    stopping_ = true;
    listener_.Shut();
    thread_.join();
  }

  int64_t port() const { return listener_.port(); }
  int accepted() const { return accepted_; }

 private:
  test::LoopbackListener listener_{100};
  std::atomic<bool> stopping_ = false;
  std::atomic<int> accepted_ = 0;
  std::thread thread_;
};

class Ask : public TcpDialogue {
 public:
  std::string Open() override { return "ask\n"; }
  TcpReaction Receive(std::string_view bytes) override {
    heard += bytes;
    return {.send = "", .enough = heard.find('\n') != std::string::npos};
  }
  std::string heard;
};

// Asks `count` times.
class Asker : public TcpConversation {
 public:
  Asker(TcpTarget target, int count, bool alone = false)
      : target_(std::move(target)), left_(count), alone_(alone) {}
  const TcpTarget& target() const override { return target_; }
  std::optional<TcpAttempt> Next() override {
    if (left_ == 0) return std::nullopt;
    --left_;
    most = std::max(most, ++open_);
    return TcpAttempt{.dialogue = std::make_unique<Ask>(), .max_bytes = 1000, .alone = alone_};
  }
  void Done(std::unique_ptr<TcpDialogue> dialogue, const TcpResult& result) override {
    --open_;
    if (on_done) on_done();
    ends.push_back(result.end);
    details.push_back(result.detail);
    heard.push_back(static_cast<Ask*>(dialogue.get())->heard);
  }
  std::vector<TcpEnd> ends;
  std::vector<std::string> details;
  std::vector<std::string> heard;
  int most = 0;
  std::function<void()> on_done;

 private:
  TcpTarget target_;
  int left_;
  int open_ = 0;
  bool alone_;
};

int64_t NowMs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1000000;
}

TcpPolicy Quick() {
  TcpPolicy policy;
  policy.max_per_second = 1000;
  policy.step_ms = 200;
  policy.endpoint_ms = 500;
  policy.total_ms = 2000;
  return policy;
}

void ReadQuestion(int fd) {
  char byte = 0;
  while (read(fd, &byte, 1) == 1 && byte != '\n') {
  }
}

TcpTarget Local(int64_t port) { return {.host = "", .address = "127.0.0.1", .port = port}; }

TEST(TcpProbe, AsksAndHearsTheAnswer) {
  Server server([](int fd) {
    ReadQuestion(fd);
    EXPECT_EQ(write(fd, "hel", 3), 3);
    EXPECT_EQ(write(fd, "lo\n", 3), 3);
  });
  Asker asker(Local(server.port()), 5);
  RunTcpProbe(Quick(), {&asker});
  ASSERT_EQ(asker.ends.size(), 5u);
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(asker.ends[i], TcpEnd::kEnough) << asker.details[i];
    EXPECT_EQ(asker.heard[i], "hello\n");
  }
  EXPECT_LE(asker.most, 2);
}

TEST(TcpProbe, ToldToBeAloneItIs) {
  Server server([](int fd) {
    ReadQuestion(fd);
    EXPECT_EQ(write(fd, "x\n", 2), 2);
  });
  Asker asker(Local(server.port()), 4, true);
  RunTcpProbe(Quick(), {&asker});
  EXPECT_EQ(asker.ends.size(), 4u);
  EXPECT_LE(asker.most, 2);  // one may wait in the door while the other is open
  EXPECT_EQ(server.accepted(), 4);
}

// One that lets one in at a time, and is slow to notice that it left.
TEST(TcpProbe, ASlowServerIsLetAloneForLongerAfterAReset) {
  int64_t reset_at = 0;
  int before = 0;
  Server server([&](int fd) {
    ReadQuestion(fd);
    if (before++ == 0) poll(nullptr, 0, 900);
    if (before == 2 || (before > 2 && NowMs() - reset_at < 800)) {
      reset_at = NowMs();
      const linger reset{.l_onoff = 1, .l_linger = 0};
      setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
      return;
    }
    EXPECT_EQ(write(fd, "x\n", 2), 2);
  });
  TcpPolicy policy = Quick();
  policy.step_ms = 2000;
  policy.endpoint_ms = 4000;
  policy.total_ms = 8000;
  Asker asker(Local(server.port()), 3, true);
  RunTcpProbe(policy, {&asker});
  EXPECT_EQ(asker.ends, (std::vector<TcpEnd>{TcpEnd::kEnough, TcpEnd::kReset, TcpEnd::kEnough}));
}

TEST(TcpProbe, EveryWayToEnd) {
  struct Case {
    const char* what;
    std::function<void(int)> serve;
    TcpEnd end;
  };
  const Case cases[] = {
      {"closes", [](int fd) { ReadQuestion(fd); }, TcpEnd::kClosed},
      {"resets",
       [](int fd) {
         ReadQuestion(fd);
         const linger reset{.l_onoff = 1, .l_linger = 0};
         setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
       },
       TcpEnd::kReset},
      {"stays silent", [](int) { usleep(400000); }, TcpEnd::kSilent},
      {"drips",
       [](int fd) {
         for (int i = 0; i < 20 && send(fd, "x", 1, MSG_NOSIGNAL) == 1; ++i) usleep(50000);
       },
       TcpEnd::kSilent},
      {"floods",
       [](int fd) {
         const std::string much(500, 'x');
         while (send(fd, much.data(), much.size(), MSG_NOSIGNAL) > 0) {
         }
       },
       TcpEnd::kFlood},
  };
  for (const Case& c : cases) {
    Server server(c.serve);
    Asker asker(Local(server.port()), 1);
    const int64_t started = NowMs();
    RunTcpProbe(Quick(), {&asker});
    ASSERT_EQ(asker.ends.size(), 1u) << c.what;
    EXPECT_EQ(asker.ends[0], c.end) << c.what;
    EXPECT_LT(NowMs() - started, 1000) << c.what;
  }
}

TEST(TcpProbe, AnEndpointThatKeepsSilentEndsWithItsTime) {
  Server server([](int) { usleep(300000); });
  Asker asker(Local(server.port()), 50);
  const int64_t started = NowMs();
  RunTcpProbe(Quick(), {&asker});
  EXPECT_LT(NowMs() - started, 1500);
  EXPECT_EQ(asker.ends.size(), 50u);
  EXPECT_EQ(asker.ends.back(), TcpEnd::kNoTime);
  EXPECT_LT(server.accepted(), 10);
}

// A silent endpoint costs a step: the last one's must not begin when the others' are over.
TEST(TcpProbe, EveryEndpointIsBegunBeforeAnyHasASecondConnection) {
  const auto silent = [](int fd) {
    char byte = 0;
    while (read(fd, &byte, 1) == 1) {
    }
  };
  Server one(silent);
  Server other(silent);
  std::vector<std::unique_ptr<Asker>> askers;
  std::vector<TcpConversation*> conversations;
  for (int i = 0; i < 70; ++i) {  // 140 connections at two at a time: more than there is room for
    askers.push_back(std::make_unique<Asker>(Local((i % 2 == 0 ? one : other).port()), 2));
    conversations.push_back(askers.back().get());
  }
  const int64_t started = NowMs();
  int64_t last_ms = 0;
  askers.back()->on_done = [&] {
    if (last_ms == 0) last_ms = NowMs() - started;
  };
  TcpPolicy policy = Quick();
  policy.step_ms = 500;
  policy.endpoint_ms = 1500;
  policy.total_ms = 5000;
  RunTcpProbe(policy, conversations);
  EXPECT_GE(last_ms, 500);
  EXPECT_LT(last_ms, 900);
  for (const auto& asker : askers) {
    EXPECT_EQ(asker->ends, (std::vector<TcpEnd>{TcpEnd::kSilent, TcpEnd::kSilent}));
  }
}

TEST(TcpProbe, AClosedPortIsToldFromASilentOne) {
  int64_t port = 0;
  {
    port = Server([](int) {}).port();
  }
  Asker asker(Local(port), 1);
  RunTcpProbe(Quick(), {&asker});
  ASSERT_EQ(asker.ends.size(), 1u);
  EXPECT_EQ(asker.ends[0], TcpEnd::kNotListening);
}

TEST(TcpProbe, NoMoreConnectionsASecondThanAllowed) {
  Server server([](int fd) {
    ReadQuestion(fd);
    EXPECT_EQ(write(fd, "x\n", 2), 2);
  });
  TcpPolicy policy = Quick();
  policy.max_per_second = 4;
  policy.endpoint_ms = policy.total_ms = 10000;
  Asker asker(Local(server.port()), 10);
  const int64_t started = NowMs();
  RunTcpProbe(policy, {&asker});
  EXPECT_GE(NowMs() - started, 2000);
  EXPECT_EQ(server.accepted(), 10);
}

TEST(TcpProbe, WhereItMustNotConnectItDoesNot) {
  struct Case {
    TcpTarget target;
    bool own;
    const char* reason;
  };
  TcpPolicy policy;
  for (const char* host : {"a.example.org", "169.254.169.254", "0.0.0.0"}) {
    policy.declared.push_back({.host = host, .address = "", .port = 80});
  }
  policy.exclude = {"b.example.org", "127.0.0.1:9", "[::1]:9"};
  const Case cases[] = {
      {{"a.example.org", "192.0.2.1", 80}, false, ""},
      {{"a.example.org", "192.0.2.1", 81}, false, "neither declared nor this host's own"},
      {{"", "192.0.2.1", 80}, false, "neither declared nor this host's own"},
      {{"", "192.0.2.1", 80}, true, ""},
      {{"169.254.169.254", "169.254.169.254", 80}, false, "a link-local or metadata address"},
      {{"a.example.org", "169.254.169.254", 80}, true, "a link-local or metadata address"},
      {{"a.example.org", "::ffff:169.254.169.254", 80}, false, "a link-local or metadata address"},
      {{"a.example.org", "64:ff9b::a9fe:a9fe", 80}, false, "a link-local or metadata address"},
      {{"a.example.org", "2002:a9fe:a9fe::1", 80}, false, "a link-local or metadata address"},
      {{"a.example.org", "::169.254.169.254", 80}, false, "a link-local or metadata address"},
      {{"a.example.org", "fd00:ec2::254", 80}, true, "an address of a metadata service"},
      {{"a.example.org", "168.63.129.16", 80}, true, "an address of a metadata service"},
      {{"a.example.org", "fe80::1", 80}, true, "a link-local address"},
      {{"a.example.org", "ff02::1", 80}, true, "a multicast address"},
      {{"a.example.org", "224.0.0.1", 80}, true, "a multicast, reserved or broadcast address"},
      {{"a.example.org", "255.255.255.255", 80},
       true,
       "a multicast, reserved or broadcast address"},
      {{"0.0.0.0", "0.0.0.0", 80}, true, "an unspecified address"},
      {{"a.example.org", "::", 80}, true, "an unspecified address"},
      {{"a.example.org", "::1", 80}, true, ""},
      {{"", "::1", 9}, true, "excluded by probe.exclude"},
      {{"", "127.0.0.1", 9}, true, "excluded by probe.exclude"},
      {{"b.example.org", "192.0.2.2", 80}, true, "excluded by probe.exclude"},
      {{"a.example.org", "a.example.org", 80}, true, "not a numeric address"},
      {{"", "127.0.0.1", 0}, true, "not a port"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(ForbiddenReason(policy, c.target, c.own), c.reason)
        << c.target.host << " " << c.target.address << ":" << c.target.port;
  }
}

TEST(TcpProbe, AForbiddenTargetIsNeverConnectedTo) {
  Server server([](int) {});
  TcpPolicy policy = Quick();
  policy.exclude = {"127.0.0.1:" + std::to_string(server.port())};
  Asker asker(Local(server.port()), 2);
  RunTcpProbe(policy, {&asker});
  ASSERT_EQ(asker.ends.size(), 2u);
  EXPECT_EQ(asker.ends[0], TcpEnd::kForbidden);
  EXPECT_EQ(asker.details[0], "excluded by probe.exclude");
  EXPECT_EQ(server.accepted(), 0);
}

TEST(HostAddresses, NumericNamesAreTheirOwnAddress) {
  const HostAddresses found = LookUpHosts({"127.0.0.1", "::1", "localhost"}, 2000);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(*found.at("127.0.0.1"), std::vector<std::string>{"127.0.0.1"});
  EXPECT_EQ(*found.at("::1"), std::vector<std::string>{"::1"});
  ASSERT_TRUE(found.at("localhost").ok()) << found.at("localhost").status();
  EXPECT_FALSE(found.at("localhost")->empty());
}

TEST(HostAddresses, WithoutTimeNobodyIsAsked) {
  EXPECT_TRUE(
      absl::IsUnimplemented(LookUpHosts({"a.example.org"}, 0).at("a.example.org").status()));
}

}  // namespace
}  // namespace tom
