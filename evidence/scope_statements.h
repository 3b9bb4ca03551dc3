// The statements other than reports, as values. Members and signers: the tables of
// evidence/README.md. Each To…/From… pair is strict: unknown or missing members are errors that
// name the member.
#ifndef TOM_EVIDENCE_SCOPE_STATEMENTS_H_
#define TOM_EVIDENCE_SCOPE_STATEMENTS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/canonical_json.h"
#include "evidence/digest.h"
#include "evidence/utc_time.h"

namespace tom {

// What every statement but a report carries. `signer` is absent where the key itself stands in the
// statement (enrolment, hand-over) or is the ledger's (tick).
struct StatementCommon {
  std::string ledger;            // origin
  std::optional<Digest> signer;  // SHA-256 of the signer's certificate (DER), which is a blob
  std::string salt;              // 32 random hex digits
};

struct EnrolmentAuthorisation {
  StatementCommon common;
  Digest token;         // SHA-256 of the token's secret
  std::string systems;  // glob (fnmatch without flags) over the inventory ids that may enrol
  std::vector<std::string> controllers;  // sorted; default scope of the host's rows
  std::map<std::string, std::string> labels;
  std::string kind;  // host | connector | collector
  int64_t uses = 1;
  UnixSeconds expires = 0;
};

struct Enrolment {
  StatementCommon common;
  Digest authorisation;  // digest of the authorisation statement
  std::string host;      // 32 hex digits
  std::string system;    // inventory id
  std::string spki;      // DER of the identity key, which signs this statement
};

struct Handover {
  StatementCommon common;
  std::string host;
  std::string old_spki;
  std::string new_spki;
  Digest last_digest;  // the last statement signed by the old key
};

struct Approval {
  StatementCommon common;
  Digest approves;  // digest of the approved statement
};

struct InventorySystem {
  std::string id;
  std::string kind;                      // host | connector | collector
  std::vector<std::string> controllers;  // sorted
  UnixSeconds in_service_from = 0;
  std::optional<UnixSeconds> in_service_to;
  Digest body;  // of the salted body that names the system
};

// The body of an inventory system: a blob of its own, so that names can be withheld.
struct InventoryBody {
  std::string name;
  std::string role;
  std::string owner;
  std::string site;
  bool personal_data = true;
  bool critical = true;
  std::string salt;
};

struct Inventory {
  StatementCommon common;
  std::string source;  // where the list comes from: "cmdb export", ...
  UnixSeconds drawn_at = 0;
  std::string drawn_by;
  std::vector<InventorySystem> systems;  // sorted by id, no duplicates; absent when empty
};

struct Label {
  StatementCommon common;
  std::string host;
  std::vector<std::string> controllers;
  std::map<std::string, std::string> labels;
};

struct ProfileStatement {
  StatementCommon common;
  std::string profile;  // id
  Digest digest;        // of the profile's canonical JSON, a blob
};

struct CatalogueVersion {
  StatementCommon common;
  int64_t version = 0;
  Digest catalogue;  // digest of the publisher's catalogue statement
};

// Signed by the publisher: what agents accept as checks.
struct CatalogueStatement {
  StatementCommon common;
  int64_t version = 0;
  UnixSeconds expires = 0;
  Digest digest;  // of the catalogue's canonical JSON, a blob
};

struct Tick {
  StatementCommon common;
  uint64_t size = 0;  // tree size that the stamp after this tick covers at the least
};

Json ToPredicate(const EnrolmentAuthorisation&);
Json ToPredicate(const Enrolment&);
Json ToPredicate(const Handover&);
Json ToPredicate(const Approval&);
Json ToPredicate(const Inventory&);
Json ToPredicate(const Label&);
Json ToPredicate(const ProfileStatement&);
Json ToPredicate(const CatalogueVersion&);
Json ToPredicate(const CatalogueStatement&);
Json ToPredicate(const Tick&);

absl::StatusOr<EnrolmentAuthorisation> EnrolmentAuthorisationFrom(const Json& predicate);
absl::StatusOr<Enrolment> EnrolmentFrom(const Json& predicate);
absl::StatusOr<Handover> HandoverFrom(const Json& predicate);
absl::StatusOr<Approval> ApprovalFrom(const Json& predicate);
absl::StatusOr<Inventory> InventoryFrom(const Json& predicate);
absl::StatusOr<Label> LabelFrom(const Json& predicate);
absl::StatusOr<ProfileStatement> ProfileStatementFrom(const Json& predicate);
absl::StatusOr<CatalogueVersion> CatalogueVersionFrom(const Json& predicate);
absl::StatusOr<CatalogueStatement> CatalogueStatementFrom(const Json& predicate);
absl::StatusOr<Tick> TickFrom(const Json& predicate);

Json InventoryBodyToJson(const InventoryBody& body);
absl::StatusOr<InventoryBody> InventoryBodyFrom(const Json& json);

}  // namespace tom

#endif  // TOM_EVIDENCE_SCOPE_STATEMENTS_H_
