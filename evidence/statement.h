// in-toto Statement v1 (github.com/in-toto/attestation, spec/v1/statement.md): the payload of every
// envelope.
#ifndef TOM_EVIDENCE_STATEMENT_H_
#define TOM_EVIDENCE_STATEMENT_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/canonical_json.h"
#include "evidence/digest.h"

namespace tom {

inline constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
// Predicate types are kPredicatePrefix + kind + "/v1": identifiers that nobody fetches.
inline constexpr std::string_view kPredicatePrefix = "https://tom-audit.example.org/predicate/";

// Every kind of statement this version knows. Never renumber, never rename: the names are in signed
// bytes.
enum class Kind {
  kReport,
  kHandover,
  kEnrolmentAuthorisation,
  kEnrolment,
  kApproval,
  kInventory,
  kLabel,
  kProfile,
  kCatalogueVersion,
  kCatalogue,
  kTick,
  kExclusion,
  kWaiver,
  kRetirement,
  kRevocation,
};

// The kind's name in predicate types, leaf subjects and messages: "report",
// "enrolment-authorisation", ...
std::string_view KindName(Kind kind);
absl::StatusOr<Kind> KindFromName(std::string_view name);

struct Subject {
  std::string name;
  Digest digest;
};

struct Statement {
  Kind kind = Kind::kReport;
  std::vector<Subject> subjects;  // sorted by name
  Json predicate;                 // an object
};

// The canonical payload bytes.
std::string EncodeStatement(const Statement& statement);
// Strict; the predicate's own members are checked by the reader of its kind.
absl::StatusOr<Statement> ParseStatement(std::string_view payload);

// A statement other than a report: its one subject is {kind name, digest of the canonical
// predicate}.
std::string EncodeKindStatement(Kind kind, const Json& predicate);
// Parses, and checks that the subject is just that.
absl::StatusOr<Statement> ParseKindStatement(std::string_view payload);

}  // namespace tom

#endif  // TOM_EVIDENCE_STATEMENT_H_
