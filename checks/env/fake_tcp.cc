// FakeEnv's servers.
#include "checks/env/fake_env.h"

namespace tom {
namespace {

std::string KeyOf(const std::string& address, int64_t port) {
  return address + ":" + std::to_string(port);
}

}  // namespace

FakeEnv& FakeEnv::AddTcpServer(const std::string& address, int64_t port, TcpServer server) {
  tcp_servers_[KeyOf(address, port)] = std::move(server);
  return *this;
}

FakeEnv& FakeEnv::AddHost(const std::string& name, std::vector<std::string> addresses) {
  hosts_[name] = std::move(addresses);
  return *this;
}

HostAddresses FakeEnv::ResolveHosts(const std::vector<std::string>& names, int64_t) {
  HostAddresses answers = LookUpHosts(names, 0);
  if (mode_ == RootMode::kDeadTree) return answers;
  for (auto& [name, answer] : answers) {
    if (const auto found = hosts_.find(name); found != hosts_.end()) answer = found->second;
  }
  return answers;
}

TcpResult FakeEnv::Converse(const TcpTarget& target, TcpAttempt& attempt) {
  const std::string key = KeyOf(target.address, target.port);
  connections_.push_back(key);
  const auto server = tcp_servers_.find(key);
  if (server == tcp_servers_.end()) return {TcpEnd::kNotListening, "connect: refused", 1};
  std::string sent = attempt.dialogue->Open();
  size_t received = 0;
  for (int i = 0; i < 100; ++i) {
    const TcpAnswer answer = server->second(sent);
    received += answer.bytes.size();
    TcpReaction reaction;
    if (!answer.bytes.empty()) reaction = attempt.dialogue->Receive(answer.bytes);
    if (reaction.enough) return {TcpEnd::kEnough, "", 1};
    if (received >= attempt.max_bytes) return {TcpEnd::kFlood, "", 1};
    if (answer.end != TcpEnd::kEnough) return {answer.end, "", 1};
    if (reaction.send.empty()) break;
    sent += reaction.send;
  }
  return {TcpEnd::kSilent, "", 1};
}

absl::Status FakeEnv::ProbeTcp(const TcpPolicy& policy,
                               const std::vector<TcpConversation*>& conversations) {
  if (mode_ == RootMode::kDeadTree) return absl::UnimplementedError("no socket in a dead tree");
  if (deny_all_) return absl::PermissionDeniedError("no connection");
  for (TcpConversation* conversation : conversations) {
    const TcpTarget& target = conversation->target();
    const std::string forbidden = ForbiddenReason(policy, target, IsLoopback(target.address));
    while (auto attempt = conversation->Next()) {
      const TcpResult result = forbidden.empty() ? Converse(target, *attempt)
                                                 : TcpResult{TcpEnd::kForbidden, forbidden, 0};
      conversation->Done(std::move(attempt->dialogue), result);
    }
  }
  return absl::OkStatus();
}

}  // namespace tom
