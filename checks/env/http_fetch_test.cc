// The real libcurl against a server of ten lines on loopback.
#include "checks/env/http_fetch.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "checks/env/loopback_listener.h"

namespace tom {
namespace {

// Gives each connection the same answer and keeps what it was asked.
class Server {
 public:
  explicit Server(std::string answer) : answer_(std::move(answer)) {
    thread_ = std::thread([this] { Serve(); });
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    listener_.Shut();
    thread_.join();
  }

  int64_t port() const { return listener_.port(); }
  std::string asked() const { return asked_; }
  int connections() const { return connections_; }

 private:
  void Serve() {
    for (;;) {
      const int client = accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) return;
      ++connections_;
      char buffer[4096];
      const ssize_t got = read(client, buffer, sizeof(buffer));
      if (got > 0) asked_.assign(buffer, static_cast<size_t>(got));
      for (size_t sent = 0; sent < answer_.size();) {
        const ssize_t put =
            send(client, answer_.data() + sent, answer_.size() - sent, MSG_NOSIGNAL);
        if (put <= 0) break;
        sent += static_cast<size_t>(put);
      }
      close(client);
    }
  }

  std::string answer_;
  test::LoopbackListener listener_{8};
  std::string asked_;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

HttpExchange ExchangeWith(const Server& server) {
  HttpExchange exchange;
  exchange.name = "a.example.org";
  exchange.target = {.host = "a.example.org", .address = "127.0.0.1", .port = server.port()};
  exchange.path_and_query = "/x?y=%20z";
  return exchange;
}

HttpAnswer FetchOne(const HttpExchange& exchange, const TcpPolicy& policy = {},
                    const HttpLimits& limits = {.exchange_ms = 2000, .total_ms = 3000}) {
  return RunHttpExchanges(policy, limits, {exchange}).at(0);
}

TEST(HttpFetch, AsksPlainlyAndFollowsNothing) {
  const Server server(
      "HTTP/1.1 302 Found\r\nLocation: http://b.example.org/\r\nSet-Cookie: a=1\r\nset-cookie: "
      "b=2\r\nContent-Length: 5\r\n\r\nhello");
  setenv("http_proxy", "http://192.0.2.9:1/", 1);
  setenv("ALL_PROXY", "http://192.0.2.9:1/", 1);
  const HttpAnswer answer = FetchOne(ExchangeWith(server));
  unsetenv("http_proxy");
  unsetenv("ALL_PROXY");
  ASSERT_TRUE(answer.answered) << answer.error;
  EXPECT_TRUE(answer.whole);
  EXPECT_EQ(answer.status, 302);
  EXPECT_EQ(answer.body, "hello");
  ASSERT_EQ(answer.headers.size(), 4u);
  EXPECT_EQ(answer.headers[2].first, "set-cookie");
  EXPECT_EQ(server.connections(), 1);
  EXPECT_EQ(server.asked().substr(0, 24), "GET /x?y=%20z HTTP/1.1\r\n");
  EXPECT_NE(server.asked().find("Host: a.example.org:"), std::string::npos) << server.asked();
  for (const char* header : {"Cookie:", "Authorization:", "Accept-Encoding:", "Referer:"}) {
    EXPECT_EQ(server.asked().find(header), std::string::npos) << header;
  }
}

TEST(HttpFetch, OddAnswersAreNotWhole) {
  const std::pair<const char*, std::string> cases[] = {
      {"cut short", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhello"},
      {"too large",
       "HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + std::string(3000000, 'x')},
      {"endless headers", "HTTP/1.1 200 OK\r\n" + std::string(200000, 'a') + "\r\n\r\n"},
      {"many headers",
       [] {
         std::string text = "HTTP/1.1 200 OK\r\n";
         for (int i = 0; i < 20000; ++i) text += "X-A: b\r\n";
         return text + "\r\n";
       }()},
      {"no HTTP", "SSH-2.0-x\r\n"},
      {"nothing", ""},
  };
  for (const auto& [name, text] : cases) {
    const Server server(text);
    const HttpAnswer answer = FetchOne(ExchangeWith(server));
    EXPECT_FALSE(answer.whole) << name;
    EXPECT_FALSE(answer.error.empty()) << name;
    EXPECT_LE(answer.body.size(), size_t{1} << 20) << name;
  }
}

TEST(HttpFetch, TheDoorDecides) {
  const Server server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  HttpExchange link_local = ExchangeWith(server);
  link_local.target.address = "169.254.169.254";
  HttpExchange stranger = ExchangeWith(server);
  stranger.target.address = "192.0.2.1";
  HttpExchange name = ExchangeWith(server);
  name.name = "a.example.org/@b";
  HttpExchange path = ExchangeWith(server);
  path.path_and_query = "/a b\r\nX: y";
  for (const HttpExchange& exchange : {link_local, stranger, name, path}) {
    const HttpAnswer answer = FetchOne(exchange);
    EXPECT_FALSE(answer.answered);
    EXPECT_EQ(answer.error.substr(0, 11), "not asked: ") << answer.error;
  }
  EXPECT_EQ(server.connections(), 0);
  TcpPolicy excluded;
  excluded.exclude = {"a.example.org"};
  EXPECT_NE(FetchOne(ExchangeWith(server), excluded).error.find("probe.exclude"),
            std::string::npos);
}

TEST(HttpFetch, ASilentServerCostsItsTimeAlone) {
  const test::LoopbackListener listener(8);
  HttpExchange exchange;
  exchange.name = "127.0.0.1";
  exchange.target = {.host = "", .address = "127.0.0.1", .port = listener.port()};
  const HttpAnswer answer = FetchOne(exchange, {}, {.exchange_ms = 300, .total_ms = 1000});
  EXPECT_FALSE(answer.answered);
  EXPECT_FALSE(answer.error.empty());
  EXPECT_LT(answer.ms, 2000);
}

}  // namespace
}  // namespace tom
