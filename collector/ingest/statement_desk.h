// Statements of people on their way into the ledger.
#ifndef TOM_COLLECTOR_INGEST_STATEMENT_DESK_H_
#define TOM_COLLECTOR_INGEST_STATEMENT_DESK_H_

#include <string>
#include <vector>

#include "collector/ingest/blob_set.h"
#include "collector/ledger/sequencer.h"
#include "collector/pki/issue.h"
#include "evidence/statement.h"

namespace tom {

struct LoggedStatement {
  Digest digest;
  uint64_t index = 0;
  bool duplicate = false;
};

// Thread-safe. Errors: InvalidArgument (malformed, or against the rules of its kind),
// PermissionDenied (signature, or a certificate of another purpose or CA), FailedPrecondition (a
// blob it names is missing, an older catalogue version).
class StatementDesk {
 public:
  // `publisher` is the DER certificate of the trust file: the one publisher.
  StatementDesk(Sequencer& sequencer, std::string ca_der, std::string publisher)
      : sequencer_(sequencer), ca_der_(std::move(ca_der)), publisher_(std::move(publisher)) {}

  absl::StatusOr<LoggedStatement> Submit(const Envelope& envelope, std::vector<std::string> blobs);

 private:
  absl::Status Judge(LedgerWriter& ledger, const Envelope& envelope, BlobSet& blobs,
                     LoggedStatement& logged);
  absl::Status CheckSigner(LedgerWriter& ledger, const Envelope& envelope,
                           const Statement& statement, BlobSet& blobs);

  Sequencer& sequencer_;
  const std::string ca_der_;
  const std::string publisher_;
};

// In statement_rules.cc: what holds for one kind beyond its members, and what it changes outside
// the log. FailedPrecondition names a missing blob.
absl::Status ApplyKindRules(StoreTransaction& store, const Statement& statement,
                            const Digest& digest, UnixSeconds now, BlobSet& blobs);

}  // namespace tom

#endif  // TOM_COLLECTOR_INGEST_STATEMENT_DESK_H_
