// A host joins: by a token whose authorisation an operator has signed and logged.
#ifndef TOM_COLLECTOR_INGEST_ENROLMENT_H_
#define TOM_COLLECTOR_INGEST_ENROLMENT_H_

#include <string>
#include <vector>

#include "collector/ledger/sequencer.h"
#include "collector/pki/issue.h"
#include "evidence/envelope.h"

namespace tom {

struct EnrolmentOffer {
  Digest authorisation;
  std::string host;  // the id the agent shall use
};

struct EnrolmentGrant {
  std::string certificate;               // DER, purpose host-tls
  std::vector<std::string> controllers;  // default scope
};

// Thread-safe. Errors: Unauthenticated (no such token), PermissionDenied (token expired or spent,
// system not covered, signature not by the key named), InvalidArgument (malformed), AlreadyExists
// (enrolled otherwise), Aborted (another enrolment of that system came between: begin again).
class EnrolmentDesk {
 public:
  EnrolmentDesk(Store& store, Sequencer& sequencer, const Issuer& issuer)
      : store_(store), sequencer_(sequencer), issuer_(issuer) {}

  // Spends nothing; the same answer until somebody enrols under this token and system.
  absl::StatusOr<EnrolmentOffer> Begin(const std::string& token, const std::string& system);

  // Spends one use, logs the statement, certifies the key of `csr`. The same statement again: the
  // same certificate.
  absl::StatusOr<EnrolmentGrant> Finish(const std::string& token, const Envelope& statement,
                                        const std::string& csr);

 private:
  absl::Status Enrol(LedgerWriter& ledger, const Digest& token, const Envelope& statement,
                     const std::string& tls_key, EnrolmentGrant& grant);
  absl::StatusOr<std::string> Certify(const std::string& host, const std::string& tls_key) const;

  Store& store_;
  Sequencer& sequencer_;
  const Issuer& issuer_;
};

}  // namespace tom

#endif  // TOM_COLLECTOR_INGEST_ENROLMENT_H_
