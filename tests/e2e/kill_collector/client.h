// One host's connection to the collector, free of gRPC's headers.
#ifndef TOM_TESTS_E2E_KILL_COLLECTOR_CLIENT_H_
#define TOM_TESTS_E2E_KILL_COLLECTOR_CLIENT_H_

#include <memory>
#include <string>

#include "collector/server/test_host.h"

namespace tom {

struct Identity {
  std::string ca_pem;
  std::string key_pem;      // empty: none
  std::string certificate;  // PEM
};

// Errors are gRPC's own codes; Unavailable while the collector is down. Every call has ten seconds.
class Client {
 public:
  Client(int port, const Identity& identity);
  ~Client();

  absl::Status SubmitStatement(const Envelope& statement, const std::vector<std::string>& blobs);
  // Begin and Finish: the id and authorisation first, then the certificate (DER).
  absl::StatusOr<std::pair<std::string, std::string>> Begin(const std::string& token,
                                                            const std::string& system);
  absl::StatusOr<std::string> Finish(const std::string& token, const Envelope& enrolment,
                                     const std::string& csr);
  // True when the collector says that the report is durable (accepted, duplicate).
  absl::StatusOr<bool> Submit(const SignedReport& report);

 private:
  struct Stubs;
  std::unique_ptr<Stubs> stubs_;
};

}  // namespace tom

#endif  // TOM_TESTS_E2E_KILL_COLLECTOR_CLIENT_H_
