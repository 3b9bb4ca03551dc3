// Canonical JSON (records.md): the only bytes that are ever signed or hashed as JSON.
//
// UTF-8; keys sorted by bytes; no blanks; strings escape only `"`, `\` and U+0000-001F; integers
// within +-(2^53-1) only; no null, no true/false, no fraction, no empty array. Booleans are 0 and
// 1, a 64-bit fact or a fraction is a string. RFC 8785 was considered and is not used: it allows
// doubles and sorts by UTF-16 units, both needless here.
#ifndef TOM_EVIDENCE_CANONICAL_JSON_H_
#define TOM_EVIDENCE_CANONICAL_JSON_H_

#include <concepts>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "evidence/digest.h"

namespace tom {

// One value: a string (UTF-8 without NUL), an integer, an array or an object. A plain value type,
// safe to copy.
class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::map<std::string, Json, std::less<>>;

  static constexpr int64_t kMaxInteger = (int64_t{1} << 53) - 1;

  Json() : value_(Object{}) {}
  // Implicit, so that {{"seq", 0}, {"host", id}} reads as the JSON that it is.
  // NOLINTBEGIN(google-explicit-constructor)
  Json(std::string text) : value_(std::move(text)) {}
  Json(std::string_view text) : value_(std::string(text)) {}
  Json(const char* text) : value_(std::string(text)) {}
  Json(Array items) : value_(std::move(items)) {}
  Json(Object members) : value_(std::move(members)) {}
  template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, char>) Json(T number)
      : value_(static_cast<int64_t>(number)) {}
  // NOLINTEND(google-explicit-constructor)

  bool IsString() const { return std::holds_alternative<std::string>(value_); }
  bool IsInteger() const { return std::holds_alternative<int64_t>(value_); }
  bool IsArray() const { return std::holds_alternative<Array>(value_); }
  bool IsObject() const { return std::holds_alternative<Object>(value_); }

  // REQUIRES: the value is of that kind.
  const std::string& AsString() const { return std::get<std::string>(value_); }
  int64_t AsInteger() const { return std::get<int64_t>(value_); }
  const Array& AsArray() const { return std::get<Array>(value_); }
  Array& AsArray() { return std::get<Array>(value_); }
  const Object& AsObject() const { return std::get<Object>(value_); }
  Object& AsObject() { return std::get<Object>(value_); }

  // The member, or null when this is no object or has none of that name. Lives as long as this
  // value is unchanged.
  const Json* Find(std::string_view key) const;

  friend bool operator==(const Json&, const Json&) = default;

 private:
  std::variant<std::string, int64_t, Array, Object> value_;
};

// What canonical JSON cannot hold: {"bytes":"<base64>"} for a value that is not UTF-8 or has a NUL.
Json TextOrBytes(std::string_view value);

// A 64-bit fact: an integer inside +-(2^53-1), its decimal text outside.
Json IntegerOrText(int64_t value);

// Adds `text` to `out` as a JSON string with canonical escapes, quotes included.
void AppendJsonString(std::string_view text, std::string& out);

// Fails where the value has no canonical form: a string that is not UTF-8 or has a NUL, an integer
// out of range, an empty array, more than 32 arrays and objects one inside the other.
absl::StatusOr<std::string> EncodeCanonical(const Json& value);
// The same for values that this program built from checked parts; aborts on a value without
// canonical form.
std::string Canonical(const Json& value);
// SHA-256 of Canonical(value).
Digest CanonicalDigest(const Json& value);

// The strict reader: accepts exactly the bytes that EncodeCanonical would write. The error names
// the byte offset.
absl::StatusOr<Json> ParseCanonical(std::string_view bytes);

// Reads the members of one object; the first error is kept and names the member by its path. Every
// member must have been asked for by the time of Finish: an unknown one is an error.
//
//   FieldReader fields(json, "predicate");
//   report.host = fields.Hex("host", 32);
//   if (absl::Status status = fields.Finish(); !status.ok()) return status;
//
// The Json must outlive the reader. Getters return an empty value after an error, so check Finish
// before use.
class FieldReader {
 public:
  FieldReader(const Json& object, std::string where);
  FieldReader(Json&&, std::string) = delete;  // it would not outlive the reader

  bool Has(std::string_view key) const;
  std::string String(std::string_view key);
  std::string StringOr(std::string_view key, std::string_view fallback);
  int64_t Integer(std::string_view key, int64_t least = -Json::kMaxInteger,
                  int64_t most = Json::kMaxInteger);
  // 0 or 1.
  bool Flag(std::string_view key);
  std::string Hex(std::string_view key, size_t digits);
  Digest DigestOf(std::string_view key);
  int64_t Time(std::string_view key);
  // Decoded base64.
  std::string Bytes(std::string_view key);
  // Ascending without duplicates; empty when absent.
  std::vector<Digest> Digests(std::string_view key);
  // In the order written; empty when absent.
  std::vector<std::string> Strings(std::string_view key);
  // Ascending without duplicates; empty when absent.
  std::vector<std::string> StringSet(std::string_view key);
  // Null when absent, or (after an error) when it is of another kind.
  const Json* Object(std::string_view key);
  const Json* Array(std::string_view key);
  const Json* Any(std::string_view key);

  // "predicate.changed": for errors of nested readers.
  std::string Path(std::string_view key) const;
  void Fail(std::string_view key, std::string_view problem);
  absl::Status Finish();

 private:
  const Json* Take(std::string_view key);
  const Json* Need(std::string_view key);

  const Json& object_;
  std::string where_;
  std::vector<std::string_view> taken_;
  absl::Status status_;
};

// A JSON array of digests in hex; the caller leaves the member out when `digests` is empty.
Json DigestArray(const std::vector<Digest>& digests);
Json StringArray(const std::vector<std::string>& strings);

}  // namespace tom

#endif  // TOM_EVIDENCE_CANONICAL_JSON_H_
