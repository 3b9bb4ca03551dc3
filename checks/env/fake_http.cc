// FakeEnv's pages and interfaces.
#include "checks/env/fake_env.h"

namespace tom {

FakeEnv& FakeEnv::AddPage(const std::string& url, HttpAnswer answer) {
  pages_[url] = std::move(answer);
  return *this;
}

FakeEnv& FakeEnv::SetInterfaces(absl::StatusOr<std::vector<InterfaceAddress>> interfaces) {
  interfaces_ = std::move(interfaces);
  return *this;
}

absl::StatusOr<std::vector<HttpAnswer>> FakeEnv::FetchHttp(
    const TcpPolicy& policy, const HttpLimits&, const std::vector<HttpExchange>& exchanges) {
  if (mode_ == RootMode::kDeadTree) return absl::UnimplementedError("no socket in a dead tree");
  if (deny_all_) return absl::PermissionDeniedError("no connection");
  std::vector<HttpAnswer> answers(exchanges.size());
  for (size_t i = 0; i < exchanges.size(); ++i) {
    const HttpExchange& exchange = exchanges[i];
    const std::string reason =
        ForbiddenReason(policy, exchange.target, IsLoopback(exchange.target.address));
    if (!reason.empty()) {
      answers[i].error = "not asked: " + reason;
      continue;
    }
    const std::string url = HttpUrl(exchange);
    fetched_.push_back(url);
    const auto found = pages_.find(url);
    if (found != pages_.end()) {
      answers[i] = found->second;
    } else {
      answers[i].error = "connect: refused";
    }
  }
  return answers;
}

absl::StatusOr<std::vector<InterfaceAddress>> FakeEnv::InterfaceAddresses() {
  if (mode_ == RootMode::kDeadTree) {
    return absl::UnimplementedError("only a live kernel knows the addresses of interfaces");
  }
  if (deny_all_) return absl::PermissionDeniedError("no netlink socket");
  return interfaces_;
}

}  // namespace tom
