// YAML as a tree of texts: for checks, profiles and configuration files, all of which may be
// hostile or mistyped.
//
// yaml-cpp's own loader keeps duplicate keys, follows a self-alias for ever, and reads `010` as 8
// and `yes` as true. Here aliases, anchors, tags, duplicate keys, a second document, a depth over
// 32 and a size over 1 MiB are errors, and a scalar stays the text that was written until a key of
// known type reads it.
#ifndef TOM_CHECKS_ENGINE_YAML_TREE_H_
#define TOM_CHECKS_ENGINE_YAML_TREE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "evidence/canonical_json.h"
#include "evidence/utc_time.h"

namespace tom {

inline constexpr size_t kMaxYamlBytes = 1 << 20;

struct YamlEntry;

struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMap };

  Kind kind = Kind::kNull;
  std::string text;                // of a scalar
  bool quoted = false;             // a scalar in quotes or a block: never a number
  std::vector<YamlNode> items;     // of a sequence
  std::vector<YamlEntry> entries;  // of a map, in the file's order, keys unique
  int line = 1;                    // both from 1
  int column = 1;

  bool IsNull() const { return kind == Kind::kNull; }
  bool IsScalar() const { return kind == Kind::kScalar; }
  bool IsSequence() const { return kind == Kind::kSequence; }
  bool IsMap() const { return kind == Kind::kMap; }
  const YamlNode* Find(std::string_view key) const;
};

struct YamlEntry {
  std::string key;
  YamlNode value;
};

// `file` only names the text in errors: "file:line:column: problem". An empty text is a null node.
absl::StatusOr<YamlNode> ParseYaml(std::string_view text, std::string_view file);

// The tree with every scalar as a text; nulls and empty lists are left out. For showing what was
// written, not for reading.
Json YamlToJson(const YamlNode& node);

// Reads the keys of one map. The first error is kept, in the form "file:line:column: path.key:
// problem". Every key must have been asked for by the time of Finish: an unknown one is an error.
// Getters return an empty value after an error. The node must outlive the reader. A null node
// counts as an empty map.
class YamlFields {
 public:
  YamlFields(const YamlNode& map, std::string file, std::string path = "");

  bool Has(std::string_view key) const;  // present and not null
  std::string Text(std::string_view key);
  std::string TextOr(std::string_view key, std::string_view fallback);
  // Plain decimal digits with an optional minus; never quoted, no leading zero.
  int64_t Integer(std::string_view key, int64_t least, int64_t most);
  int64_t IntegerOr(std::string_view key, int64_t fallback, int64_t least, int64_t most);
  // `true` or `false`, nothing else.
  bool BooleanOr(std::string_view key, bool fallback);
  // "26h" as it is written; it parses.
  std::string Duration(std::string_view key);
  int64_t DurationSecondsOr(std::string_view key, int64_t fallback);
  // A sequence of scalars; empty when absent. One scalar alone is an error.
  std::vector<std::string> Texts(std::string_view key);
  // Null when absent or (after an error) of another kind.
  const YamlNode* Map(std::string_view key);
  const YamlNode* Sequence(std::string_view key);
  const YamlNode* Any(std::string_view key);

  std::string Path(std::string_view key) const;
  const std::string& file() const { return file_; }
  void Fail(std::string_view key, std::string_view problem);
  // Keeps `status` if it is the first error.
  void Keep(const absl::Status& status);
  absl::Status Finish();
  bool ok() const { return status_.ok(); }

 private:
  const YamlNode* Take(std::string_view key);
  const YamlNode* Scalar(std::string_view key);
  void FailAt(const YamlNode& node, std::string_view key, std::string_view problem);

  const YamlNode& map_;
  std::string file_;
  std::string path_;
  std::vector<std::string_view> taken_;
  absl::Status status_;
  bool missing_ = false;  // that is what the first error says
};

// "file:line:column: path: problem".
absl::Status YamlError(const YamlNode& node, std::string_view file, std::string_view path,
                       std::string_view problem);

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_YAML_TREE_H_
