// Who may sign what: one table for collector and verifier (records.md "Other statements").
#ifndef TOM_EVIDENCE_AUTHORITY_H_
#define TOM_EVIDENCE_AUTHORITY_H_

#include <optional>

#include "absl/status/statusor.h"
#include "evidence/certificate.h"
#include "evidence/leaf.h"
#include "evidence/statement.h"

namespace tom {

// How the signing key of a statement is found and believed.
enum class IdentityRule {
  kHostKey,      // the host's identity key, good from its logged enrolment or hand-over on
  kOldHostKey,   // the key that is being replaced
  kProofOfKey,   // the key that the statement itself names (enrolment)
  kCertificate,  // the certificate named by `signer`, of the row's purpose, chaining to the CA,
                 // valid at acts_at
  kLedgerKey,    // the ledger's own Ed25519 key (tick)
};

struct Authority {
  Kind kind;
  IdentityRule rule;
  std::optional<Purpose> purpose;  // exactly with kCertificate
  LeafKind leaf;                   // the kind of leaf that logs it
  bool needs_approval = false;     // counts only from another person's approval on
};

// The row of `kind`; every Kind has one.
const Authority& AuthorityOf(Kind kind);

}  // namespace tom

#endif  // TOM_EVIDENCE_AUTHORITY_H_
