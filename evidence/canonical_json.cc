#include "evidence/canonical_json.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "evidence/limits.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

absl::Status Encode(const Json& value, size_t depth, std::string& out);

// Not by std::abs: the least int64_t has no positive twin.
bool InRange(int64_t value) { return value >= -Json::kMaxInteger && value <= Json::kMaxInteger; }

absl::Status CheckText(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return BadData("a string with a NUL");
  if (!IsUtf8(text)) return BadData("a string that is not UTF-8");
  return absl::OkStatus();
}

absl::Status EncodeArray(const Json::Array& items, size_t depth, std::string& out) {
  if (items.empty()) return BadData("an empty array");
  if (depth > limits::kMaxJsonDepth) return BadData("nested deeper than 32");
  out.push_back('[');
  for (const Json& item : items) {
    if (&item != &items.front()) out.push_back(',');
    TOM_RETURN_IF_ERROR(Encode(item, depth + 1, out));
  }
  out.push_back(']');
  return absl::OkStatus();
}

absl::Status EncodeObject(const Json::Object& members, size_t depth, std::string& out) {
  if (depth > limits::kMaxJsonDepth) return BadData("nested deeper than 32");
  out.push_back('{');
  bool first = true;
  for (const auto& [key, member] : members) {
    TOM_RETURN_IF_ERROR(CheckText(key));
    if (!first) out.push_back(',');
    first = false;
    AppendJsonString(key, out);
    out.push_back(':');
    TOM_RETURN_IF_ERROR(Encode(member, depth + 1, out));
  }
  out.push_back('}');
  return absl::OkStatus();
}

// `depth` counts the arrays and objects around and including `value`, should it be one.
absl::Status Encode(const Json& value, size_t depth, std::string& out) {
  if (value.IsString()) {
    TOM_RETURN_IF_ERROR(CheckText(value.AsString()));
    AppendJsonString(value.AsString(), out);
    return absl::OkStatus();
  }
  if (value.IsInteger()) {
    if (!InRange(value.AsInteger())) return BadData("an integer beyond 2^53-1");
    out += std::to_string(value.AsInteger());
    return absl::OkStatus();
  }
  if (value.IsArray()) return EncodeArray(value.AsArray(), depth, out);
  return EncodeObject(value.AsObject(), depth, out);
}

// A recursive reader of exactly the writer's language; anything else is an error at a byte offset.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  absl::StatusOr<Json> ReadAll() {
    TOM_ASSIGN_OR_RETURN(Json value, ReadValue(1));
    if (at_ != bytes_.size()) return Error("trailing bytes");
    return value;
  }

 private:
  absl::Status Error(std::string_view problem) const {
    return BadData("byte " + std::to_string(at_) + ": " + std::string(problem));
  }

  char Peek() const { return at_ < bytes_.size() ? bytes_[at_] : '\0'; }

  bool Accept(char c) {
    if (Peek() != c || at_ == bytes_.size()) return false;
    ++at_;
    return true;
  }

  absl::StatusOr<Json> ReadValue(size_t depth) {
    switch (Peek()) {
      case '"': {
        TOM_ASSIGN_OR_RETURN(std::string text, ReadString());
        return Json(std::move(text));
      }
      case '[':
        return ReadArray(depth);
      case '{':
        return ReadObject(depth);
      default:
        return ReadInteger();
    }
  }

  absl::StatusOr<Json> ReadArray(size_t depth) {
    if (depth > limits::kMaxJsonDepth) return Error("nested deeper than 32");
    ++at_;
    Json::Array items;
    do {
      TOM_ASSIGN_OR_RETURN(Json item, ReadValue(depth + 1));
      items.push_back(std::move(item));
    } while (Accept(','));
    if (!Accept(']')) return Error("expected , or ] in an array");
    return Json(std::move(items));
  }

  absl::StatusOr<Json> ReadObject(size_t depth) {
    if (depth > limits::kMaxJsonDepth) return Error("nested deeper than 32");
    ++at_;
    Json::Object members;
    if (Accept('}')) return Json(std::move(members));
    do {
      if (Peek() != '"') return Error("expected a key");
      TOM_ASSIGN_OR_RETURN(std::string key, ReadString());
      if (!members.empty() && key <= members.rbegin()->first) {
        return Error(key == members.rbegin()->first ? "a duplicate key" : "keys out of order");
      }
      if (!Accept(':')) return Error("expected : after a key");
      TOM_ASSIGN_OR_RETURN(Json member, ReadValue(depth + 1));
      members.emplace_hint(members.end(), std::move(key), std::move(member));
    } while (Accept(','));
    if (!Accept('}')) return Error("expected , or } in an object");
    return Json(std::move(members));
  }

  absl::StatusOr<Json> ReadInteger() {
    const size_t start = at_;
    if (Peek() == '-') ++at_;
    while (Peek() >= '0' && Peek() <= '9') ++at_;
    const std::string_view text = bytes_.substr(start, at_ - start);
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
      at_ = start;
      return Error("expected a string, an integer, an array or an object");
    }
    if (std::to_string(value) != text || !InRange(value)) {
      at_ = start;
      return Error("an integer that is not canonical or beyond 2^53-1");
    }
    return Json(value);
  }

  absl::StatusOr<std::string> ReadString() {
    ++at_;
    std::string text;
    while (at_ < bytes_.size() && bytes_[at_] != '"') {
      const auto c = static_cast<uint8_t>(bytes_[at_]);
      if (c < 0x20) return Error("a control character in a string");
      if (c == '\\') {
        TOM_RETURN_IF_ERROR(ReadEscape(text));
        continue;
      }
      text.push_back(bytes_[at_++]);
    }
    if (!Accept('"')) return Error("a string without end");
    if (!IsUtf8(text)) return Error("a string that is not UTF-8");
    return text;
  }

  // Only the one spelling that the writer uses for each character.
  absl::Status ReadEscape(std::string& text) {
    static constexpr std::string_view kShort = "\"\\bfnrt";
    static constexpr std::string_view kMeaning = "\"\\\b\f\n\r\t";
    const char c = at_ + 1 < bytes_.size() ? bytes_[at_ + 1] : '\0';
    if (const size_t i = kShort.find(c); i != std::string_view::npos && c != '\0') {
      text.push_back(kMeaning[i]);
      at_ += 2;
      return absl::OkStatus();
    }
    const auto code = c == 'u' && at_ + 6 <= bytes_.size() && bytes_.substr(at_ + 2, 2) == "00"
                          ? HexDecode(bytes_.substr(at_ + 4, 2))
                          : absl::StatusOr<std::string>(BadData("not an escape"));
    if (!code.ok()) return Error("an escape that is not canonical");
    const char meaning = (*code)[0];
    if (static_cast<uint8_t>(meaning) >= 0x20 || kMeaning.find(meaning) != std::string_view::npos) {
      return Error("an escape that is not canonical");
    }
    if (meaning == '\0') return Error("a NUL in a string");
    text.push_back(meaning);
    at_ += 6;
    return absl::OkStatus();
  }

  std::string_view bytes_;
  size_t at_ = 0;
};

}  // namespace

const Json* Json::Find(std::string_view key) const {
  if (!IsObject()) return nullptr;
  const auto found = AsObject().find(key);
  return found == AsObject().end() ? nullptr : &found->second;
}

Json TextOrBytes(std::string_view value) {
  if (CheckText(value).ok()) return Json(value);
  return Json(Json::Object{{"bytes", Base64Encode(value)}});
}

Json IntegerOrText(int64_t value) {
  if (InRange(value)) return Json(value);
  return Json(std::to_string(value));
}

void AppendJsonString(std::string_view text, std::string& out) {
  out.push_back('"');
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<uint8_t>(c) < 0x20) {
          out += "\\u00" + HexEncode({&c, 1});
        } else {
          out.push_back(c);
        }
    }
  }
  out.push_back('"');
}

absl::StatusOr<std::string> EncodeCanonical(const Json& value) {
  std::string out;
  TOM_RETURN_IF_ERROR(Encode(value, 1, out));
  return out;
}

std::string Canonical(const Json& value) {
  absl::StatusOr<std::string> bytes = EncodeCanonical(value);
  if (!bytes.ok()) std::abort();
  return *std::move(bytes);
}

Digest CanonicalDigest(const Json& value) { return Sha256(Canonical(value)); }

absl::StatusOr<Json> ParseCanonical(std::string_view bytes) { return Reader(bytes).ReadAll(); }

Json DigestArray(const std::vector<Digest>& digests) {
  Json::Array items;
  items.reserve(digests.size());
  for (const Digest& digest : digests) items.emplace_back(digest.Hex());
  return items;
}

Json StringArray(const std::vector<std::string>& strings) {
  return Json::Array(strings.begin(), strings.end());
}

}  // namespace tom
