// A leaf of the ledger. The Merkle tree holds only `{"d":"<digest of the leaf body>","v":1}`, so
// its tiles tell strangers nothing; the body stands beside it.
#ifndef TOM_EVIDENCE_LEAF_H_
#define TOM_EVIDENCE_LEAF_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "evidence/canonical_json.h"
#include "evidence/digest.h"
#include "evidence/utc_time.h"

namespace tom {

enum class LeafKind { kReport, kHandover, kScope, kRegister, kCatalogue, kErasure };

std::string_view LeafKindName(LeafKind kind);
absl::StatusOr<LeafKind> LeafKindFromName(std::string_view name);

struct LeafBody {
  LeafKind kind = LeafKind::kReport;
  Digest digest;                    // of the statement (its PAE)
  UnixSeconds received_at = 0;      // never decreases with the index
  std::optional<std::string> host;  // host: of reports and hand-overs; chain, seq: of reports
  std::optional<std::string> chain;
  std::optional<uint64_t> seq;
  std::optional<Digest>
      scope_prev;  // digest of the scope leaf body before; absent for the first and for other kinds
  std::string salt;  // 32 hex digits

  friend bool operator==(const LeafBody&, const LeafBody&) = default;
};

Json LeafBodyToJson(const LeafBody& body);
absl::StatusOr<LeafBody> LeafBodyFromJson(const Json& json, std::string where);
Digest LeafBodyDigest(const LeafBody& body);
// The leaf's data: what LeafHash of merkle.h is taken over.
std::string LeafData(const Digest& leaf_body_digest);

}  // namespace tom

#endif  // TOM_EVIDENCE_LEAF_H_
