// Rows: one subject of one check under one set of parameters. A head that commits, a body that
// travels beside it. Members, ids, salts and the state of a group: records.md "Rows", "Groups and
// state"; frozen in evidence/README.md.
#ifndef TOM_EVIDENCE_ROW_H_
#define TOM_EVIDENCE_ROW_H_

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/canonical_json.h"
#include "evidence/digest.h"
#include "evidence/utc_time.h"

namespace tom {

// From best to worst where two meet for one subject: `fail` beats `unknown` beats `pass` beats
// `not_applicable`.
enum class Verdict { kNotApplicable, kPass, kUnknown, kFail };

std::string_view VerdictName(Verdict verdict);
absl::StatusOr<Verdict> VerdictFromName(std::string_view name);

// The lengths of a check's interval, shortest first. In a report the groups stand in byte order of
// their names.
inline constexpr std::array<std::string_view, 6> kIntervals = {"5m", "15m", "1h",
                                                               "6h", "24h", "7d"};
// Seconds of one of kIntervals; an error names the others.
absl::StatusOr<int64_t> IntervalSeconds(std::string_view interval);

struct Head {
  std::string check;
  Digest check_digest;
  Digest params;                   // digest of {name: value}
  std::string subject_id;          // 32 hex digits
  std::vector<std::string> scope;  // sorted opaque controller ids, or {"shared"}
  Verdict verdict = Verdict::kUnknown;
  UnixSeconds since = 0;  // when this verdict began
  Digest body;
  std::optional<Digest> excluded;  // of the host's own exclusion entry
  std::optional<UnixSeconds> valid_until;

  friend bool operator==(const Head&, const Head&) = default;
};

struct Body {
  std::string subject;  // raw bytes; stored as text, or as {"bytes"} where it is not UTF-8
  std::string reason;   // UTF-8
  Json evidence;        // an object: the stable columns, absent where NULL
  std::string salt;     // 32 hex digits
};

// Readers are strict: a string over 4 KiB, a head or body over 32 KiB, `shared` beside another
// controller, {"bytes"} for what is text, a member that is not in the table are errors that name
// the member. HeadDigest REQUIRES what they check.
Json HeadToJson(const Head& head);
absl::StatusOr<Head> HeadFromJson(const Json& json);
absl::StatusOr<Head> ParseHead(std::string_view canonical);
Digest HeadDigest(const Head& head);

Json BodyToJson(const Body& body);
absl::StatusOr<Body> ParseBody(std::string_view canonical);

// What ParseBody would say of the body once salted. Whatever came out of SQL passes here before
// SaltBody, for a text that is not UTF-8, an array in the evidence or a string over 4 KiB has no
// place in a record.
absl::Status CheckBody(const Body& body);
// The same of a finished row, and that head and body together have at most 32 KiB.
absl::Status CheckRow(const Head& head, const Body& body);

// subject_id = 16 bytes of HMAC(host salt key, check 0 params 0 subject).
std::string SubjectId(std::string_view host_salt_key, std::string_view check, const Digest& params,
                      std::string_view subject);
// Fills `salt` from the host salt key and the rest of the body. REQUIRES: CheckBody; aborts on what
// has no canonical form.
Body SaltBody(Body body, std::string_view host_salt_key, std::string_view check,
              const Digest& params);

// "p:" + 16 bytes of HMAC(key, kind 0 value) in hex: a personal value outside the host (design.md
// rule 9).
std::string Pseudonym(std::string_view key, std::string_view kind, std::string_view value);

// SHA-256 over the concatenation of the sorted raw digests; of nothing when there are none.
Digest GroupState(std::vector<Digest> head_digests);

}  // namespace tom

#endif  // TOM_EVIDENCE_ROW_H_
