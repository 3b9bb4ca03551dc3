// What one run of tomctl has at hand: configuration, connection, keys and where output goes.
#ifndef TOM_COLLECTOR_CTL_SESSION_H_
#define TOM_COLLECTOR_CTL_SESSION_H_

#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "collector/ctl/ctl_config.h"
#include "collector/ctl/operator_client.h"
#include "evidence/statement.h"
#include "evidence/trust.h"

namespace tom {

struct SessionFlags {
  std::string config;            // --config
  CtlConfig over;                // flags and environment, over the file
  std::string format = "table";  // table | json | csv
  std::string output;            // -o; empty: standard output
  bool color = false;
};

// A file that a command line names. What is no file to read (a FIFO, a device, a folder, too big)
// is NotFound: 66, as when there is none.
absl::StatusOr<std::string> ReadInput(const std::string& path, size_t max_bytes);

enum class Signer { kOperator, kApprover, kPublisher, kPack };

// How a session reaches the collector; tests give another.
using Connector =
    std::function<absl::StatusOr<std::unique_ptr<OperatorClient>>(const CtlConfig& config)>;

// Lazily loads what a command asks for, so that `tomctl version` needs no configuration. One
// thread.
class Session {
 public:
  Session(SessionFlags flags, Connector connect, std::ostream& out, std::ostream& err)
      : flags_(std::move(flags)), connect_(std::move(connect)), out_(out), err_(err) {}

  const SessionFlags& flags() const { return flags_; }
  std::ostream& err() { return err_; }

  absl::StatusOr<CtlConfig> Config();
  absl::StatusOr<OperatorClient*> Client();
  absl::StatusOr<Trust> TrustFile();
  // Certificate and key of that role; FailedPrecondition where the configuration names none.
  absl::StatusOr<KeyPair> Keys(Signer signer);
  // True once the configuration was at fault: exit code 78 instead of the error's own.
  bool config_failed() const { return config_failed_; }

  // To -o or standard output.
  absl::Status Print(std::string_view text);
  // A JSON document out of a view; `rows` names the list inside ("" = the document itself),
  // `columns` the members shown.
  absl::Status PrintList(std::string_view json, const std::string& rows,
                         const std::vector<std::string>& columns);

  // Adds ledger, signer and salt to `predicate` and signs it. Nothing is sent.
  struct Signed {
    Envelope envelope;
    std::string certificate_der;
  };
  absl::StatusOr<Signed> SignOnly(Signer signer, Kind kind, Json predicate);
  // The same, sent with `blobs` and the signer's certificate.
  absl::StatusOr<SubmittedStatement> Sign(Signer signer, Kind kind, Json predicate,
                                          std::vector<std::string> blobs);

 private:
  absl::StatusOr<CtlConfig> ReadConfig() const;
  // FailedPrecondition that names the keys, where one of them has no value.
  absl::Status Need(const CtlConfig& config, const std::vector<std::string CtlConfig::*>& members);

  SessionFlags flags_;
  Connector connect_;
  std::ostream& out_;
  std::ostream& err_;
  std::optional<CtlConfig> config_;
  std::unique_ptr<OperatorClient> client_;
  bool config_failed_ = false;
};

}  // namespace tom

#endif  // TOM_COLLECTOR_CTL_SESSION_H_
