// The context of a report: under which rules and by which program the rows were made (members:
// evidence/README.md).
#ifndef TOM_EVIDENCE_CONTEXT_H_
#define TOM_EVIDENCE_CONTEXT_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/canonical_json.h"
#include "evidence/digest.h"

namespace tom {

// A separate blob that the context names, so that one controller's parameters need not be shown to
// another.
struct ContextPiece {
  std::string kind;  // params | profile | configuration | exclusions
  Digest digest;
  std::vector<std::string> scope;  // sorted
};

struct Context {
  std::string agent_version;
  Digest agent_binary;
  int64_t catalogue_version = 0;
  Digest catalogue;  // digest of the publisher's catalogue statement
  std::map<std::string, std::vector<std::string>> groups;  // interval -> sorted check ids
  std::string os;
  std::vector<ContextPiece> pieces;          // by (kind, digest)
  std::optional<std::string> pseudonym_key;  // id of the key: 32 hex digits of its SHA-256
};

std::string EncodeContext(const Context& context);
absl::StatusOr<Context> ParseContext(std::string_view bytes);

// One check's values, as a piece of kind `params`.
struct ParamsPiece {
  std::string check;
  Digest params;                      // ParamsDigest of the values
  std::vector<std::string> profiles;  // sorted
  std::map<std::string, Json> values;
  std::map<std::string, std::string> sources;  // profile | host, the same keys
};

std::string EncodeParamsPiece(const ParamsPiece& piece);
// Refuses a piece whose `params` is not the digest of its values.
absl::StatusOr<ParamsPiece> ParseParamsPiece(std::string_view bytes);

}  // namespace tom

#endif  // TOM_EVIDENCE_CONTEXT_H_
