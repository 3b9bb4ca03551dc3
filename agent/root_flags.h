// The flags --root, --host-root, --config, --checks, --site-checks and what they mean together.
#ifndef TOM_AGENT_ROOT_FLAGS_H_
#define TOM_AGENT_ROOT_FLAGS_H_

#include <string>

#include "absl/status/statusor.h"
#include "agent/config.h"
#include "agent/evaluate.h"

namespace CLI {
class App;
}

namespace tom {

struct RootFlags {
  std::string root;
  std::string host_root;
  std::string config;
  std::string checks;
  std::string site_checks;
};

// Environment variables TOM_CONFIG and TOM_CHECKS stand behind the flags.
void AddRootFlags(CLI::App& app, RootFlags& flags);

// The part of a request that the flags decide, and the configuration. Without --config a missing
// default file is an empty configuration; with it, an error.
struct Examined {
  EvaluateRequest request;  // without jobs
  AgentConfig config;
};
absl::StatusOr<Examined> Examine(const RootFlags& flags);

}  // namespace tom

#endif  // TOM_AGENT_ROOT_FLAGS_H_
