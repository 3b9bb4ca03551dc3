// The collector's Operator service as plain values, so that commands neither include gRPC nor need
// a server in tests.
#ifndef TOM_COLLECTOR_CTL_OPERATOR_CLIENT_H_
#define TOM_COLLECTOR_CTL_OPERATOR_CLIENT_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "collector/ctl/ctl_config.h"
#include "evidence/envelope.h"

namespace tom {

struct SubmittedStatement {
  std::string digest;
  uint64_t index = 0;
  bool duplicate = false;
};

struct PackQuery {
  std::string profile, from, to, controller;  // times; empty = the service's default
};

struct StampedCheckpoint {
  uint64_t size = 0;
  std::string time;       // what the authority says
  std::string authority;  // its subject, RFC 2253
};

// A chunk of a payload file; `name` stands on its first chunk.
using PackChunkSink =
    std::function<absl::Status(const std::string& name, std::string_view data, bool last)>;

class OperatorClient {
 public:
  virtual ~OperatorClient() = default;
  virtual absl::StatusOr<SubmittedStatement> Submit(const Envelope& statement,
                                                    const std::vector<std::string>& blobs) = 0;
  // JSON text.
  virtual absl::StatusOr<std::string> Query(
      const std::string& view, const std::map<std::string, std::string>& arguments) = 0;
  virtual absl::Status ExportPack(const PackQuery& query, const PackChunkSink& sink) = 0;
  virtual absl::StatusOr<std::string> GetBlob(const std::string& digest) = 0;
  // Has the newest checkpoint stamped now, whatever the collector's own schedule says.
  virtual absl::StatusOr<StampedCheckpoint> Stamp() = 0;
};

// Mutual TLS 1.3 with the certificate of the configuration. Nothing is sent before the first call.
absl::StatusOr<std::unique_ptr<OperatorClient>> ConnectOperator(const CtlConfig& config);

}  // namespace tom

#endif  // TOM_COLLECTOR_CTL_OPERATOR_CLIENT_H_
