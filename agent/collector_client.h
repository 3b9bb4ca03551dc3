// What the agent asks of a collector. Only collector_client.cc knows gRPC; everything else, tests
// too, knows these values.
//
// Every call has a deadline. Status codes: Unavailable and DeadlineExceeded may be tried again;
// PermissionDenied and Unauthenticated mean that the other side is not ours or we are not known to
// it; others are the collector's refusals. A collector is believed only under `ca_pem`, whatever
// the system trusts.
#ifndef TOM_AGENT_COLLECTOR_CLIENT_H_
#define TOM_AGENT_COLLECTOR_CLIENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/address.h"
#include "evidence/digest.h"
#include "evidence/envelope.h"

namespace tom {

struct BeginAnswer {
  std::string ledger;
  std::string authorisation;  // hex64
  std::string host;           // hex32
};

struct FinishAnswer {
  std::string certificate;  // DER
  std::string trust;        // the trust file
  std::vector<std::string> controllers;
  std::string issuer;  // DER: the collector's host CA, which made the certificate
};

class EnrolmentClient {
 public:
  virtual ~EnrolmentClient() = default;
  virtual absl::StatusOr<BeginAnswer> Begin(const std::string& secret,
                                            const std::string& system) = 0;
  virtual absl::StatusOr<FinishAnswer> Finish(const std::string& secret, const Envelope& enrolment,
                                              const std::string& csr_der) = 0;
};

enum class AckStatus { kAccepted, kDuplicate, kFork, kHeld, kRejected };

struct SubmitAnswer {
  std::string chain;
  uint64_t seq = 0;
  Digest digest;
  AckStatus status = AckStatus::kRejected;
  std::optional<Digest> other;  // with kFork: the rival branch's tip
  std::string reason;
  int64_t retry_after_seconds = 0;  // already bounded
};

struct ReceiptAnswer {
  Digest digest;
  uint64_t index = 0;
  std::string leaf_body;  // canonical JSON
  std::vector<Digest> inclusion;
};

struct AnchorAnswer {
  std::string checkpoint;  // signed note; empty: the ledger has none yet
  std::string token;       // DER; empty: it is not stamped
  std::vector<Digest> consistency;
  std::optional<ReceiptAnswer> receipt;
};

struct CatalogueAnswer {
  bool unchanged = false;
  Envelope statement;
  std::string publisher;  // DER
  std::string catalogue;  // canonical JSON
};

class ReportingClient {
 public:
  virtual ~ReportingClient() = default;
  virtual absl::StatusOr<SubmitAnswer> Submit(const Envelope& statement,
                                              const std::vector<std::string>& blobs) = 0;
  // OK only when the collector names the blob's own digest.
  virtual absl::Status PutBlob(const std::string& blob) = 0;
  virtual absl::StatusOr<AnchorAnswer> GetAnchor(uint64_t held_size) = 0;
  virtual absl::StatusOr<CatalogueAnswer> GetCatalogue(const std::optional<Digest>& held) = 0;
};

// To be called before any thread and any gRPC object: no fork handlers, TLS 1.3 only.
void PrepareGrpcEnvironment();

std::unique_ptr<EnrolmentClient> ConnectForEnrolment(const CollectorAddress& address,
                                                     const std::string& ca_pem);

struct HostTls {
  std::string ca_pem;
  std::string certificate_pem;
  std::string key_pem;
};
std::unique_ptr<ReportingClient> ConnectAsHost(const CollectorAddress& address, const HostTls& tls);

}  // namespace tom

#endif  // TOM_AGENT_COLLECTOR_CLIENT_H_
