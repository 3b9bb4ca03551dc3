// The catalogue in force on this host: the publisher's signed statement and what it names, kept in
// one file so that the two never part: the DSSE envelope's JSON, a newline, the catalogue's
// canonical JSON.
#ifndef TOM_AGENT_CATALOGUE_STORE_H_
#define TOM_AGENT_CATALOGUE_STORE_H_

#include <string>

#include "absl/status/statusor.h"
#include "agent/collector_client.h"
#include "agent/state.h"
#include "evidence/catalogue.h"
#include "evidence/trust.h"
#include "evidence/utc_time.h"

namespace tom {

struct HeldCatalogue {
  Digest statement;  // digest of the publisher's statement
  int64_t version = 0;
  UnixSeconds expires = 0;
  Envelope envelope;
  std::string bytes;
  Catalogue catalogue;
};

// Signature by the publisher pinned in the trust file, ledger, digest, version. The expiry is the
// caller's to judge.
absl::StatusOr<HeldCatalogue> JudgeCatalogue(const Envelope& statement, std::string bytes,
                                             const Trust& trust);

// NotFound when none has been delivered yet; judged anew on every load.
absl::StatusOr<HeldCatalogue> LoadCatalogue(const StateDir& state, const Trust& trust);

// Asks for a newer one and stores it. PermissionDenied: another publisher's certificate;
// FailedPrecondition: an older version, the held version with another content, or one that has
// expired. What is held stays in force then.
absl::StatusOr<HeldCatalogue> UpdateCatalogue(const StateDir& state, const Trust& trust,
                                              ReportingClient& client, UnixSeconds now);

}  // namespace tom

#endif  // TOM_AGENT_CATALOGUE_STORE_H_
