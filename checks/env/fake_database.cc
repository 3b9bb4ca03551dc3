#include "checks/env/fake_env.h"
#include "evidence/status_text.h"

namespace tom {

FakeEnv& FakeEnv::AddDatabase(const std::string& address, DatabaseServer server) {
  databases_[address] = std::move(server);
  return *this;
}

absl::StatusOr<DatabaseAnswer> FakeEnv::AskDatabase(const DatabaseRequest& request) {
  if (mode_ == RootMode::kDeadTree) {
    return absl::UnimplementedError("no socket is opened for a dead tree");
  }
  if (deny_all_) return absl::PermissionDeniedError("denied");
  if (const std::string problem = DatabaseHostProblem(request.host); !problem.empty()) {
    return absl::InvalidArgumentError(ToAbsl(request.host + ": " + problem));
  }
  const std::string address = request.host + ":" + std::to_string(request.port);
  connections_.push_back(address);
  const auto server = databases_.find(address);
  if (server == databases_.end()) return absl::UnavailableError(ToAbsl(address + ": refused"));
  return server->second(request);
}

}  // namespace tom
