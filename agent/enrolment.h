// A host joins: its keys are born, the collector logs the enrolment and certifies the TLS key, and
// only when every part of the answer has been judged good is it stored, enrolment.json last.
#ifndef TOM_AGENT_ENROLMENT_H_
#define TOM_AGENT_ENROLMENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "agent/collector_client.h"
#include "agent/state.h"
#include "agent/token.h"
#include "evidence/utc_time.h"

namespace tom {

struct EnrolmentRequest {
  std::string collector;  // HOST:PORT
  std::string system;     // inventory id
  EnrolmentToken token;
  std::string ca_der;  // whose SHA-256 is the token's
  UnixSeconds now = 0;
};

// Keys, statement and request are written to the state folder before they are sent, so that a
// repeat after a lost reply asks for the same thing and gets the same answer. After any failure the
// folder holds keys and at most an unanswered enrolment, and the host is not enrolled.
// FailedPrecondition: it is enrolled already. Nothing of the answer is believed that does not fit:
// the certificate must be for our TLS key, our host id and purpose host-tls under that CA; the
// trust file must hold the same CA and the ledger that Begin named, with a checkpoint that
// verifies.
absl::StatusOr<EnrolmentFacts> Enrol(const StateDir& state, const EnrolmentRequest& request,
                                     EnrolmentClient& client);

}  // namespace tom

#endif  // TOM_AGENT_ENROLMENT_H_
