#include "checks/parse/s3_answer.h"

#include <expat.h>

#include <algorithm>
#include <array>
#include <memory>

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxDepth = 16;
constexpr size_t kMaxText = 8192;
constexpr size_t kMaxXmlBytes = 8 << 20;
constexpr std::string_view kHex = "0123456789ABCDEF";

class LeafReader {
 public:
  LeafReader() : parser_(XML_ParserCreateNS(nullptr, '|'), XML_ParserFree) {
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), Start, End);
    XML_SetCharacterDataHandler(parser_.get(), Text);
    XML_SetStartDoctypeDeclHandler(parser_.get(), Doctype);
  }

  absl::StatusOr<XmlLeaves> Read(std::string_view text) {
    const auto code =
        XML_Parse(parser_.get(), text.data(), static_cast<int>(text.size()), XML_TRUE);
    if (!refused_.ok()) return refused_;
    if (code != XML_STATUS_OK) return BadData("an answer that is no XML");
    return std::move(leaves_);
  }

 private:
  static LeafReader* Self(void* data) { return static_cast<LeafReader*>(data); }

  void Refuse(absl::Status status) {
    if (refused_.ok()) refused_ = std::move(status);
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  static void Start(void* data, const char* name, const char**) {
    LeafReader* self = Self(data);
    if (self->starts_.size() >= kMaxDepth) return self->Refuse(BadData("XML that is too deep"));
    std::string_view local(name);
    if (const size_t bar = local.rfind('|'); bar != std::string_view::npos)
      local.remove_prefix(bar + 1);
    self->starts_.push_back(self->path_.size());
    if (!self->path_.empty()) self->path_ += '/';
    self->path_.append(local);
    self->text_.clear();
    self->is_leaf_ = true;
  }

  static void End(void* data, const char*) {
    LeafReader* self = Self(data);
    if (self->is_leaf_) {
      if (self->leaves_.size() >= kMaxXmlLeaves) {
        return self->Refuse(absl::ResourceExhaustedError("an answer with too many elements"));
      }
      self->leaves_.emplace_back(self->path_, std::move(self->text_));
    }
    self->is_leaf_ = false;
    self->text_.clear();
    if (self->starts_.empty()) return;
    self->path_.resize(self->starts_.back());
    self->starts_.pop_back();
  }

  static void Text(void* data, const char* text, int size) {
    LeafReader* self = Self(data);
    if (self->text_.size() + static_cast<size_t>(size) > kMaxText) {
      return self->Refuse(absl::ResourceExhaustedError("an answer with too long a text"));
    }
    self->text_.append(text, static_cast<size_t>(size));
  }

  static void Doctype(void* data, const char*, const char*, const char*, int) {
    Self(data)->Refuse(BadData("XML with a document type"));
  }

  std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser_;
  absl::Status refused_;
  std::string path_;
  std::vector<size_t> starts_;
  std::string text_;
  bool is_leaf_ = false;
  XmlLeaves leaves_;
};

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

// "2026-11-22T13:45:01.123Z".
absl::StatusOr<UnixSeconds> ParseS3Time(std::string_view text) {
  if (text.size() < 20 || text.back() != 'Z') return BadData("an object's time is not UTC");
  return ParseUtc(std::string(text.substr(0, 19)) + "Z");
}

absl::StatusOr<int64_t> ParseSize(std::string_view text) {
  if (text.empty() || text.size() > 15) return BadData("an object without a size");
  int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return BadData("an object without a size");
    value = value * 10 + (c - '0');
  }
  return value;
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

absl::StatusOr<XmlLeaves> ParseXmlLeaves(std::string_view text) {
  if (text.size() > kMaxXmlBytes)
    return absl::ResourceExhaustedError("an answer that is too large");
  return LeafReader().Read(text);
}

std::string LeafText(const XmlLeaves& leaves, std::string_view path) {
  const auto found = std::find_if(leaves.begin(), leaves.end(),
                                  [&](const auto& leaf) { return leaf.first == path; });
  return found == leaves.end() ? "" : found->second;
}

absl::StatusOr<S3Listing> ParseS3Listing(std::string_view text) {
  TOM_ASSIGN_OR_RETURN(const XmlLeaves leaves, ParseXmlLeaves(text));
  const std::string truncated = LeafText(leaves, "ListBucketResult/IsTruncated");
  if (truncated != "true" && truncated != "false") return BadData("an answer that is no list");
  S3Listing listing;
  for (const auto& [path, value] : leaves) {
    if (path == "ListBucketResult/Contents/Key") {
      const auto key = PercentDecode(value);
      if (!key) return BadData("an object's key is not escaped as asked for");
      listing.objects.push_back({.key = *key, .modified = -1, .size = -1});
    } else if (!listing.objects.empty() && path == "ListBucketResult/Contents/LastModified") {
      TOM_ASSIGN_OR_RETURN(listing.objects.back().modified, ParseS3Time(value));
    } else if (!listing.objects.empty() && path == "ListBucketResult/Contents/Size") {
      TOM_ASSIGN_OR_RETURN(listing.objects.back().size, ParseSize(value));
    }
  }
  for (const S3Object& object : listing.objects) {
    if (object.modified < 0 || object.size < 0) return BadData("an object without time or size");
  }
  if (truncated == "true") {
    listing.next = LeafText(leaves, "ListBucketResult/NextContinuationToken");
    if (listing.next.empty()) return BadData("a list that goes on nowhere");
  }
  return listing;
}

std::string S3ErrorText(std::string_view text) {
  const auto leaves = ParseXmlLeaves(text);
  if (!leaves.ok()) return "";
  const std::string code = LeafText(*leaves, "Error/Code");
  const std::string message = LeafText(*leaves, "Error/Message");
  return code.empty() ? "" : code + ": " + message;
}

absl::StatusOr<S3Credentials> ParseS3Credentials(std::string_view text) {
  S3Credentials credentials;
  bool ours = true;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("[")) ours = line == "[default]";
    const size_t equal = line.find('=');
    if (!ours || equal == std::string_view::npos || line[0] == '#') continue;
    const std::string_view name = Trim(line.substr(0, equal));
    const std::string_view value = Trim(line.substr(equal + 1));
    const auto plain = [](char c) { return c > ' ' && c < '\x7f'; };
    if (!std::all_of(value.begin(), value.end(), plain)) return BadData("a key with blanks in it");
    if (name == "aws_access_key_id") credentials.access_key = std::string(value);
    if (name == "aws_secret_access_key") credentials.secret_key = std::string(value);
    if (name == "aws_session_token") credentials.session_token = std::string(value);
  }
  if (credentials.access_key.empty() || credentials.secret_key.empty() ||
      credentials.access_key.find(':') != std::string::npos) {
    return BadData("no aws_access_key_id and aws_secret_access_key under [default]");
  }
  return credentials;
}

std::string S3Encode(std::string_view text, bool keep_slashes) {
  std::string encoded;
  encoded.reserve(text.size() * 3);
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || c == '-' || c == '_' || c == '.' || c == '~' || (c == '/' && keep_slashes)) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<uint8_t>(c);
    encoded += '%';
    encoded += kHex[byte >> 4];
    encoded += kHex[byte & 15];
  }
  return encoded;
}

std::optional<std::string> PercentDecode(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    if (i + 2 >= text.size() || HexValue(text[i + 1]) < 0 || HexValue(text[i + 2]) < 0) {
      return std::nullopt;
    }
    plain += static_cast<char>(HexValue(text[i + 1]) * 16 + HexValue(text[i + 2]));
    i += 2;
  }
  return plain;
}

}  // namespace tom
