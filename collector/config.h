// The collector's configuration file (interfaces.md "Collector configuration").
#ifndef TOM_COLLECTOR_CONFIG_H_
#define TOM_COLLECTOR_CONFIG_H_

#include <string>

#include "absl/status/statusor.h"
#include "collector/ledger/tsa_client.h"

namespace tom {

struct CollectorConfig {
  std::string grpc_listen = "0.0.0.0:8443";
  std::string https_listen = "127.0.0.1:8444";
  std::string state = "/var/lib/tom/collector";  // when not given: the folder of store_path
  std::string store_path;                        // empty: <state>/store.db
  TsaConfig tsa;
};

// Strict: unknown keys, wrong types and impossible values name file, line and key. Files that it
// names are read too.
absl::StatusOr<CollectorConfig> LoadCollectorConfig(const std::string& path);

}  // namespace tom

#endif  // TOM_COLLECTOR_CONFIG_H_
