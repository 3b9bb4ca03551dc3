// Answers of stores that speak Amazon's S3 (its API reference, 2006-03-01), and the file of
// credentials that AWS' programs keep. Bytes -> values, no I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_S3_ANSWER_H_
#define TOM_CHECKS_PARSE_S3_ANSWER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/utc_time.h"

namespace tom {

// The texts of elements without elements in them, in order, with the names on the way without their
// namespaces: {"ListBucketResult/Contents/Key", "a.gz"}.
using XmlLeaves = std::vector<std::pair<std::string, std::string>>;
inline constexpr size_t kMaxXmlLeaves = 20000;

// InvalidArgument: not XML, a document type, deeper than 16; ResourceExhausted: beyond the bound.
absl::StatusOr<XmlLeaves> ParseXmlLeaves(std::string_view text);
// The first text under the path, or empty.
std::string LeafText(const XmlLeaves& leaves, std::string_view path);

struct S3Object {
  std::string key;  // its escapes undone
  UnixSeconds modified = 0;
  int64_t size = 0;
};

struct S3Listing {
  std::vector<S3Object> objects;
  std::string next;  // token of the next page; empty: that was all
};

// ListObjectsV2 with encoding-type=url.
absl::StatusOr<S3Listing> ParseS3Listing(std::string_view text);

// "AccessDenied: Access Denied" of an answer that is an error; empty: it is none.
std::string S3ErrorText(std::string_view text);

struct S3Credentials {
  std::string access_key;
  std::string secret_key;
  std::string session_token;
};

// The section [default], or the lines before any section: aws_access_key_id,
// aws_secret_access_key, aws_session_token.
absl::StatusOr<S3Credentials> ParseS3Credentials(std::string_view text);

// All but letters, digits and -_.~ as %XX; what a signature is made over.
std::string S3Encode(std::string_view text, bool keep_slashes);
// Nothing: a wrong escape.
std::optional<std::string> PercentDecode(std::string_view text);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_S3_ANSWER_H_
