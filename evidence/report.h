// The report: one in-toto Statement per host and cycle (records.md "Report"; members frozen in
// evidence/README.md).
#ifndef TOM_EVIDENCE_REPORT_H_
#define TOM_EVIDENCE_REPORT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/digest.h"
#include "evidence/utc_time.h"

namespace tom {

struct Anchor {
  uint64_t size = 0;  // tree size of the stamped checkpoint
  Digest root;
  Digest token;  // SHA-256 of the time-stamp token, which travels once as a blob
  friend bool operator==(const Anchor&, const Anchor&) = default;
};

struct Lost {
  int64_t cycles = 0;
  UnixSeconds from = 0;
  UnixSeconds to = 0;
  friend bool operator==(const Lost&, const Lost&) = default;
};

struct Report {
  std::map<std::string, Digest>
      groups;          // interval -> state, one for each group looked at; never empty
  std::string ledger;  // origin
  std::string host;    // 32 hex digits
  std::string chain;   // 16 hex digits
  uint64_t seq = 0;
  std::optional<Digest> prev;     // absent exactly at seq 0
  std::vector<Digest> continues;  // tips of other chains; only at seq 0
  UnixSeconds observed_at = 0;
  int64_t duration_ms = 0;
  std::optional<int64_t> clock_offset_ms;
  Digest context;
  std::vector<Digest> changed;         // head digests, sorted
  std::optional<Digest> changed_blob;  // instead of `changed`, over 8,000 heads
  std::vector<Digest> removed;
  std::optional<Lost> lost;
  std::optional<Anchor> anchor;

  bool IsHeartbeat() const { return changed.empty() && !changed_blob && removed.empty() && !lost; }
  friend bool operator==(const Report&, const Report&) = default;
};

// The payload bytes. REQUIRES: what ParseReport checks.
std::string EncodeReport(const Report& report);

// Strict: shape, kinds, and what one report alone can show (prev absent exactly at seq 0, continues
// only there, at most 8,000 changed heads, not both changed and changed_blob, at most 1 MiB).
absl::StatusOr<Report> ParseReport(std::string_view payload);

// The blob behind `changed_blob`: the canonical array of sorted hex digests; its digest is SHA-256
// of those bytes.
std::string EncodeDigestList(const std::vector<Digest>& digests);
absl::StatusOr<std::vector<Digest>> ParseDigestList(std::string_view bytes);

}  // namespace tom

#endif  // TOM_EVIDENCE_REPORT_H_
