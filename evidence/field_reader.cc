#include <algorithm>

#include "evidence/canonical_json.h"
#include "evidence/status_text.h"
#include "evidence/utc_time.h"

namespace tom {

FieldReader::FieldReader(const Json& object, std::string where)
    : object_(object), where_(std::move(where)) {
  if (!object_.IsObject()) status_ = BadData(where_ + ": expected an object");
}

bool FieldReader::Has(std::string_view key) const { return object_.Find(key) != nullptr; }

std::string FieldReader::Path(std::string_view key) const {
  return where_.empty() ? std::string(key) : where_ + "." + std::string(key);
}

void FieldReader::Fail(std::string_view key, std::string_view problem) {
  if (status_.ok()) status_ = BadData(Path(key) + ": " + std::string(problem));
}

const Json* FieldReader::Take(std::string_view key) {
  const Json* value = object_.Find(key);
  // The name is kept from the object, which outlives the reader; the caller's text may not.
  if (value != nullptr) taken_.push_back(object_.AsObject().find(key)->first);
  return value;
}

const Json* FieldReader::Need(std::string_view key) {
  const Json* value = Take(key);
  if (value == nullptr) Fail(key, "missing");
  return value;
}

std::string FieldReader::String(std::string_view key) {
  const Json* value = Need(key);
  if (value == nullptr) return "";
  if (value->IsString()) return value->AsString();
  Fail(key, "expected a string");
  return "";
}

std::string FieldReader::StringOr(std::string_view key, std::string_view fallback) {
  return Has(key) ? String(key) : std::string(fallback);
}

int64_t FieldReader::Integer(std::string_view key, int64_t least, int64_t most) {
  const Json* value = Need(key);
  if (value == nullptr) return 0;
  if (!value->IsInteger()) {
    Fail(key, "expected an integer");
    return 0;
  }
  if (value->AsInteger() < least || value->AsInteger() > most) Fail(key, "out of range");
  return value->AsInteger();
}

bool FieldReader::Flag(std::string_view key) { return Integer(key, 0, 1) == 1; }

std::string FieldReader::Hex(std::string_view key, size_t digits) {
  std::string text = String(key);
  if (status_.ok() && !IsLowerHex(text, digits)) {
    Fail(key, "expected " + std::to_string(digits) + " lower-case hex digits");
  }
  return text;
}

Digest FieldReader::DigestOf(std::string_view key) {
  const std::string text = Hex(key, 64);
  return status_.ok() ? Digest::FromHex(text).value_or(Digest()) : Digest();
}

int64_t FieldReader::Time(std::string_view key) {
  const std::string text = String(key);
  if (!status_.ok()) return 0;
  const auto time = ParseUtc(text);
  if (!time.ok()) Fail(key, FromAbsl(time.status().message()));
  return time.value_or(0);
}

std::string FieldReader::Bytes(std::string_view key) {
  const std::string text = String(key);
  if (!status_.ok()) return "";
  auto bytes = Base64Decode(text);
  if (!bytes.ok()) Fail(key, FromAbsl(bytes.status().message()));
  return bytes.ok() ? *std::move(bytes) : "";
}

std::vector<std::string> FieldReader::Strings(std::string_view key) {
  std::vector<std::string> strings;
  const Json* items = Array(key);
  if (items == nullptr) return strings;
  for (const Json& item : items->AsArray()) {
    if (!item.IsString()) {
      Fail(key, "expected strings");
      return {};
    }
    strings.push_back(item.AsString());
  }
  return strings;
}

std::vector<std::string> FieldReader::StringSet(std::string_view key) {
  std::vector<std::string> strings = Strings(key);
  const auto not_after = std::adjacent_find(strings.begin(), strings.end(),
                                            [](const auto& a, const auto& b) { return a >= b; });
  if (not_after != strings.end()) Fail(key, "not in ascending order without duplicates");
  return strings;
}

std::vector<Digest> FieldReader::Digests(std::string_view key) {
  std::vector<Digest> digests;
  for (const std::string& text : StringSet(key)) {
    auto digest = Digest::FromHex(text);
    if (!digest.ok()) {
      Fail(key, FromAbsl(digest.status().message()));
      return {};
    }
    digests.push_back(*digest);
  }
  return digests;
}

const Json* FieldReader::Any(std::string_view key) { return Take(key); }

const Json* FieldReader::Object(std::string_view key) {
  const Json* value = Take(key);
  if (value == nullptr || value->IsObject()) return value;
  Fail(key, "expected an object");
  return nullptr;
}

const Json* FieldReader::Array(std::string_view key) {
  const Json* value = Take(key);
  if (value == nullptr || value->IsArray()) return value;
  Fail(key, "expected an array");
  return nullptr;
}

absl::Status FieldReader::Finish() {
  if (!status_.ok()) return status_;
  for (const auto& [key, value] : object_.AsObject()) {
    if (std::find(taken_.begin(), taken_.end(), key) == taken_.end()) {
      return BadData(Path(key) + ": unknown field");
    }
  }
  return absl::OkStatus();
}

}  // namespace tom
