#include "checks/env/http_fetch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <memory>

#include "checks/env/curl_library.h"
#include "checks/env/tcp_connection.h"

namespace tom {
namespace {

constexpr size_t kMostAtOnce = 4;

int64_t NowMs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1000000;
}

bool IsServerName(const std::string& name) {
  return !name.empty() && name.size() <= 253 && name[0] != '-' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '.' || c == '-' || c == '_' || c == ':';
         });
}

bool IsPath(const std::string& path) {
  return !path.empty() && path[0] == '/' && path.size() <= 4096 &&
         std::all_of(path.begin(), path.end(),
                     [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; }) &&
         path.find('#') == std::string::npos;
}

std::string Bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

// One transfer, and all that libcurl keeps pointers to.
class Transfer {
 public:
  Transfer(const CurlLibrary& curl, const HttpExchange& exchange, const HttpLimits& limits,
           bool verify)
      : curl_(curl), exchange_(exchange), verify_(verify), started_ms_(NowMs()) {
    handle_ = curl_.easy_init();
    if (handle_ != nullptr) SetUp(limits);
  }
  ~Transfer() {
    if (handle_ != nullptr) curl_.easy_cleanup(handle_);
    curl_.slist_free_all(resolve_);
    curl_.slist_free_all(headers_);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  CURL* handle() const { return handle_; }
  bool verify() const { return verify_; }

  HttpAnswer Finish(CURLcode code) {
    answer_.ms = NowMs() - started_ms_;
    answer_.whole = answer_.answered && code == CURLE_OK && !too_much_;
    if (too_much_) {
      answer_.error = "the answer is larger than the bound";
    } else if (code != CURLE_OK) {
      answer_.error = error_[0] != '\0' ? error_.data() : curl_.easy_strerror(code);
    }
    if (exchange_.https && verify_ && answer_.answered) answer_.certificate_valid = true;
    return std::move(answer_);
  }

 private:
  void SetUp(const HttpLimits& limits) {
    Set(CURLOPT_ERRORBUFFER, error_.data());
    Set(CURLOPT_URL, HttpUrl(exchange_).c_str());
    Set(CURLOPT_PATH_AS_IS, 1L);
    Set(CURLOPT_PROTOCOLS_STR, "http,https");
    Set(CURLOPT_FOLLOWLOCATION, 0L);
    Set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    Set(CURLOPT_PROXY, "");
    Set(CURLOPT_NOPROXY, "*");
    Set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    Set(CURLOPT_USERAGENT, "tom-agent");
    Set(CURLOPT_NOSIGNAL, 1L);
    Set(CURLOPT_FRESH_CONNECT, 1L);
    Set(CURLOPT_FORBID_REUSE, 1L);
    Set(CURLOPT_TIMEOUT_MS, static_cast<long>(limits.exchange_ms));
    Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.exchange_ms / 2));
    Set(CURLOPT_SSL_VERIFYPEER, verify_ ? 1L : 0L);
    Set(CURLOPT_SSL_VERIFYHOST, verify_ ? 2L : 0L);
    if (!exchange_.ca_pem.empty()) {
      curl_blob blob{const_cast<char*>(exchange_.ca_pem.data()), exchange_.ca_pem.size(),
                     CURL_BLOB_NOCOPY};
      Set(CURLOPT_CAINFO_BLOB, &blob);
    }
    resolve_ = curl_.slist_append(nullptr, ResolveEntry().c_str());
    Set(CURLOPT_RESOLVE, resolve_);
    Set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::OpenSocket);
    Set(CURLOPT_OPENSOCKETDATA, this);
    Set(CURLOPT_HEADERFUNCTION, &Transfer::OnHeader);
    Set(CURLOPT_HEADERDATA, this);
    Set(CURLOPT_WRITEFUNCTION, &Transfer::OnBody);
    Set(CURLOPT_WRITEDATA, this);
    Set(CURLOPT_PRIVATE, this);
    if (exchange_.signature) Sign(*exchange_.signature);
  }

  void Sign(const HttpSignature& signature) {
    Set(CURLOPT_AWS_SIGV4, signature.scope.c_str());
    Set(CURLOPT_USERNAME, signature.access_key.c_str());
    Set(CURLOPT_PASSWORD, signature.secret_key.c_str());
    if (signature.session_token.empty()) return;
    const std::string token = "X-Amz-Security-Token: " + signature.session_token;
    headers_ = curl_.slist_append(headers_, token.c_str());
    Set(CURLOPT_HTTPHEADER, headers_);
  }

  template <typename Argument>
  void Set(CURLoption option, Argument argument) {
    ok_ = curl_.easy_setopt(handle_, option, argument) == CURLE_OK && ok_;
  }

  std::string ResolveEntry() const {
    return Bracketed(exchange_.name)
        .append(":")
        .append(std::to_string(exchange_.target.port))
        .append(":")
        .append(Bracketed(exchange_.target.address));
  }

  // Only to the address that the door has judged, whatever libcurl has come to.
  static curl_socket_t OpenSocket(void* data, curlsocktype, curl_sockaddr* address) {
    const auto* self = static_cast<const Transfer*>(data);
    std::array<char, INET6_ADDRSTRLEN> text{};
    int64_t port = 0;
    if (address->family == AF_INET) {
      const auto* four = reinterpret_cast<const sockaddr_in*>(&address->addr);
      inet_ntop(AF_INET, &four->sin_addr, text.data(), text.size());
      port = ntohs(four->sin_port);
    } else if (address->family == AF_INET6) {
      const auto* six = reinterpret_cast<const sockaddr_in6*>(&address->addr);
      inet_ntop(AF_INET6, &six->sin6_addr, text.data(), text.size());
      port = ntohs(six->sin6_port);
    }
    const TcpTarget& target = self->exchange_.target;
    if (!self->ok_ || port != target.port || target.address != text.data()) return CURL_SOCKET_BAD;
    return socket(address->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
  }

  static size_t OnHeader(char* bytes, size_t, size_t count, void* data) {
    return static_cast<Transfer*>(data)->TakeHeader({bytes, count}) ? count : 0;
  }

  static size_t OnBody(char* bytes, size_t, size_t count, void* data) {
    auto* self = static_cast<Transfer*>(data);
    if (self->answer_.body.size() + count > self->exchange_.max_body) {
      self->too_much_ = true;
      return 0;
    }
    self->answer_.body.append(bytes, count);
    return count;
  }

  bool TakeHeader(std::string_view line) {
    header_bytes_ += line.size();
    if (header_bytes_ > kMaxHttpHeaderBytes) {
      too_much_ = true;
      return false;
    }
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
    if (line.starts_with("HTTP/")) {
      const size_t blank = std::min(line.find(' '), line.size());
      answer_.answered = true;
      answer_.status = 0;
      for (const char c : line.substr(std::min(blank + 1, line.size())).substr(0, 3)) {
        answer_.status = answer_.status * 10 + (c - '0');
      }
      return true;
    }
    if (line.empty()) return true;
    AddHeader(line);
    return true;
  }

  void AddHeader(std::string_view line) {
    if ((line[0] == ' ' || line[0] == '\t') && !answer_.headers.empty()) {
      answer_.headers.back().second.append(line);
      return;
    }
    const size_t colon = line.find(':');
    std::string name(line.substr(0, colon));
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.pop_back();
    std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    answer_.headers.emplace_back(std::move(name), std::string(value));
  }

  const CurlLibrary& curl_;
  const HttpExchange& exchange_;
  bool verify_;
  int64_t started_ms_;
  CURL* handle_ = nullptr;
  curl_slist* resolve_ = nullptr;
  curl_slist* headers_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> error_{};
  bool ok_ = true;
  bool too_much_ = false;
  size_t header_bytes_ = 0;
  HttpAnswer answer_;
};

bool IsCertificateFault(CURLcode code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_ISSUER_ERROR ||
         code == CURLE_SSL_INVALIDCERTSTATUS;
}

class Fetcher {
 public:
  Fetcher(const CurlLibrary& curl, const TcpPolicy& policy, const HttpLimits& limits,
          const std::vector<HttpExchange>& exchanges)
      : curl_(curl),
        policy_(policy),
        limits_(limits),
        exchanges_(exchanges),
        answers_(exchanges.size()),
        multi_(curl.multi_init()) {}
  ~Fetcher() {
    for (auto& [index, transfer] : running_) {
      curl_.multi_remove_handle(multi_, transfer->handle());
    }
    running_.clear();
    if (multi_ != nullptr) curl_.multi_cleanup(multi_);
  }
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

  std::vector<HttpAnswer> Run() {
    const int64_t deadline = NowMs() + limits_.total_ms;
    for (size_t i = 0; i < exchanges_.size(); ++i) {
      if (Allowed(i)) waiting_.push_back({i, exchanges_[i].https});
    }
    while ((!waiting_.empty() || !running_.empty()) && NowMs() < deadline && multi_ != nullptr) {
      StartSome();
      int running = 0;
      curl_.multi_perform(multi_, &running);
      TakeFinished();
      if (!running_.empty() || !waiting_.empty()) curl_.multi_poll(multi_, nullptr, 0, 20, nullptr);
    }
    for (const auto& [index, transfer] : running_) answers_[index].error = "no time left";
    for (const auto& [index, verify] : waiting_) answers_[index].error = "no time left";
    return std::move(answers_);
  }

 private:
  struct Start {
    size_t index = 0;
    bool verify = false;
  };

  bool Allowed(size_t index) {
    const HttpExchange& exchange = exchanges_[index];
    std::string reason =
        ForbiddenReason(policy_, exchange.target, IsOwnAddress(exchange.target.address));
    if (reason.empty() && !IsServerName(exchange.name)) reason = "not a server's name";
    if (reason.empty() && !IsPath(exchange.path_and_query)) reason = "not a path";
    answers_[index].error = reason.empty() ? "" : "not asked: " + reason;
    return reason.empty();
  }

  void StartSome() {
    while (!waiting_.empty() && running_.size() < kMostAtOnce && NowMs() >= next_start_ms_) {
      const Start start = waiting_.front();
      waiting_.pop_front();
      next_start_ms_ = NowMs() + 1000 / std::max<int64_t>(policy_.max_per_second, 1);
      auto transfer =
          std::make_unique<Transfer>(curl_, exchanges_[start.index], limits_, start.verify);
      if (transfer->handle() == nullptr) {
        answers_[start.index].error = "libcurl has no memory";
        continue;
      }
      curl_.multi_add_handle(multi_, transfer->handle());
      running_.emplace_back(start.index, std::move(transfer));
    }
  }

  void TakeFinished() {
    int left = 0;
    while (const CURLMsg* message = curl_.multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      const auto found = std::find_if(running_.begin(), running_.end(), [&](const auto& one) {
        return one.second->handle() == message->easy_handle;
      });
      if (found == running_.end()) continue;
      curl_.multi_remove_handle(multi_, found->second->handle());
      Done(found->first, found->second->verify(), found->second->Finish(code), code);
      running_.erase(found);
    }
  }

  void Done(size_t index, bool verified, HttpAnswer answer, CURLcode code) {
    if (verified && IsCertificateFault(code) && !exchanges_[index].signature) {
      certificate_errors_[index] = answer.error;
      waiting_.push_back({index, false});
      return;
    }
    if (!verified && exchanges_[index].https) {
      answer.certificate_valid = false;
      answer.certificate_error = certificate_errors_[index];
    }
    answers_[index] = std::move(answer);
  }

  const CurlLibrary& curl_;
  const TcpPolicy& policy_;
  const HttpLimits& limits_;
  const std::vector<HttpExchange>& exchanges_;
  std::vector<HttpAnswer> answers_;
  std::map<size_t, std::string> certificate_errors_;
  std::deque<Start> waiting_;
  std::vector<std::pair<size_t, std::unique_ptr<Transfer>>> running_;
  CURLM* multi_;
  int64_t next_start_ms_ = 0;
};

}  // namespace

std::string HttpUrl(const HttpExchange& exchange) {
  std::string url = exchange.https ? "https://" : "http://";
  url.append(Bracketed(exchange.name));
  if (exchange.target.port != (exchange.https ? 443 : 80)) {
    url.append(":").append(std::to_string(exchange.target.port));
  }
  return url.append(exchange.path_and_query);
}

std::vector<HttpAnswer> RunHttpExchanges(const TcpPolicy& policy, const HttpLimits& limits,
                                         const std::vector<HttpExchange>& exchanges) {
  if (exchanges.empty()) return {};
  const CurlLibrary* curl = LoadCurl();
  if (curl == nullptr) {
    HttpAnswer none;
    none.error = "not asked: libcurl.so.4 is not installed";
    return std::vector<HttpAnswer>(exchanges.size(), none);
  }
  return Fetcher(*curl, policy, limits, exchanges).Run();
}

}  // namespace tom
