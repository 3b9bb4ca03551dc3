// JSON of the outside world (RFC 8259) as a tree: LUKS2 headers, output of programs, answers of
// services. Unlike evidence/canonical_json.h it takes null, booleans, fractions and any order; it
// is for facts alone, never for signed bytes. The only unit of checks/ that knows nlohmann's
// header.
#ifndef TOM_CHECKS_PARSE_JSON_TREE_H_
#define TOM_CHECKS_PARSE_JSON_TREE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tom {

struct JsonNode {
  enum class Kind { kNull, kBool, kInteger, kReal, kString, kArray, kObject };

  Kind kind = Kind::kNull;
  bool boolean = false;
  int64_t integer = 0;
  std::string text;  // a string, or a number that is no 64-bit integer as it was written
  std::vector<JsonNode> items;
  std::map<std::string, JsonNode, std::less<>> members;

  bool IsObject() const { return kind == Kind::kObject; }
  bool IsArray() const { return kind == Kind::kArray; }
  bool IsString() const { return kind == Kind::kString; }
  bool IsInteger() const { return kind == Kind::kInteger; }
  // The member of an object, or null; null too when this is no object.
  const JsonNode* Find(std::string_view name) const;
  // The member's text when it is a string, else empty.
  std::string_view Text(std::string_view name) const;
};

struct JsonTreeLimits {
  size_t max_bytes = 16 << 20;
  size_t max_depth = 64;
  size_t max_nodes = 500000;
};

// InvalidArgument with the byte's position: not JSON, not UTF-8, a key twice, trailing bytes.
// ResourceExhausted: beyond a limit.
absl::StatusOr<JsonNode> ParseJsonTree(std::string_view bytes, const JsonTreeLimits& limits = {});

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_JSON_TREE_H_
