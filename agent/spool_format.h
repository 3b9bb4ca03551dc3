// The spool's log: records one after the other, each with a header that makes a truncated or
// altered one visible.
//
//   "TREC" | type 1 | zero 3 | ordinal 8 | length 4 | SHA-256 32 | body      integers little-endian
//
// The SHA-256 covers type, ordinal, length and body. Ordinals rise by one. A file a record was
// considered and discarded: a rename and a folder sync each, twice the cost of an unchanged cycle.
// Types are never renumbered:
//   S  a signed statement: payload, signature, keyid, blobs..., each as length 4 + bytes
//   D  a statement is done: {chain, digest, observed_at, ordinal, result} in canonical JSON
//   F  the collector knows another branch: {tip}
//   C  the log could not be read to its end: the next statement starts a new chain; {}
#ifndef TOM_AGENT_SPOOL_FORMAT_H_
#define TOM_AGENT_SPOOL_FORMAT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/envelope.h"
#include "evidence/utc_time.h"

namespace tom {

inline constexpr std::string_view kRecordMagic = "TREC";
inline constexpr size_t kRecordHeaderBytes = 52;
// A first report of a chain carries every head and body.
inline constexpr size_t kMaxRecordBytes = 256u << 20;

enum class RecordType : char { kStatement = 'S', kDone = 'D', kFork = 'F', kCorrupt = 'C' };

struct RecordHeader {
  RecordType type = RecordType::kStatement;
  uint64_t ordinal = 0;
  uint32_t length = 0;
  std::string sha;  // 32 bytes
};

std::string EncodeRecord(RecordType type, uint64_t ordinal, std::string_view body);
// DataLoss on another magic, an unknown type or a length over the bound. REQUIRES:
// kRecordHeaderBytes bytes.
absl::StatusOr<RecordHeader> ParseRecordHeader(std::string_view bytes);
bool RecordIsWhole(const RecordHeader& header, std::string_view body);

struct SpooledStatement {
  Envelope envelope;
  std::vector<std::string> blobs;
};
std::string EncodeStatementRecord(const Envelope& envelope, const std::vector<std::string>& blobs);
absl::StatusOr<SpooledStatement> ParseStatementRecord(std::string_view body);

// How a statement left the spool.
enum class DoneResult { kAccepted, kRejected };
struct DoneRecord {
  uint64_t ordinal = 0;  // of its S record
  std::string chain;
  Digest digest;
  UnixSeconds observed_at = 0;  // of the report
  DoneResult result = DoneResult::kAccepted;
};
std::string EncodeDoneRecord(const DoneRecord& done);
absl::StatusOr<DoneRecord> ParseDoneRecord(std::string_view body);

std::string EncodeForkRecord(const Digest& tip);
absl::StatusOr<Digest> ParseForkRecord(std::string_view body);

}  // namespace tom

#endif  // TOM_AGENT_SPOOL_FORMAT_H_
