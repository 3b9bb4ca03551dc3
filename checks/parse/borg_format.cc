#include "checks/parse/borg_format.h"

#include <algorithm>
#include <array>

#include "checks/parse/borg_crypto.h"
#include "checks/parse/msgpack.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxArchives = 20000;
constexpr size_t kMaxWaiting = 4 << 20;  // one item; a file of terabytes names many chunks
constexpr size_t kIdBytes = 32;

uint64_t LittleEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return text;
}

// "2026-11-22T13:45:01.123456", UTC.
absl::StatusOr<UnixSeconds> ParseBorgTime(std::string_view text) {
  if (text.size() < 19) return BadData("an archive without a time");
  const std::string_view zone = text.substr(19).substr(
      std::min(text.substr(19).find_first_of("+Z-"), text.substr(19).size()));
  if (!zone.empty() && zone != "Z" && zone != "+00:00") return BadData("a time in another zone");
  return ParseUtc(std::string(text.substr(0, 19)) + "Z");
}

int64_t SmallNumber(std::string_view text) {
  if (text.empty() || text.size() > 12) return -1;
  int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

absl::Status CheckManifest(const MsgpackNode& node, std::string_view plain, const BorgKey* key) {
  const MsgpackNode* version = node.Find("version");
  if (version == nullptr || (version->integer != 1 && version->integer != 2)) {
    return BadData("a manifest of another form than borg 1.x has");
  }
  if (key == nullptr) return absl::OkStatus();
  const MsgpackNode* tam = node.Find("tam");
  if (tam == nullptr || tam->Bytes("type") != "HKDF_HMAC_SHA512" ||
      !BorgManifestIsAuthentic(std::string(plain), *key, tam->Bytes("salt"), tam->Bytes("hmac"))) {
    return absl::DataLossError("the list of archives is not authentic");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Digest>> Ids(const MsgpackNode* list, bool first_of_each) {
  std::vector<Digest> ids;
  if (list == nullptr || !list->IsArray()) return ids;
  ids.reserve(list->items.size());
  for (const MsgpackNode& one : list->items) {
    const MsgpackNode& id =
        first_of_each && one.IsArray() && !one.items.empty() ? one.items[0] : one;
    if (!id.IsBytes() || id.bytes.size() != kIdBytes) return BadData("a chunk without an id");
    TOM_ASSIGN_OR_RETURN(const Digest digest, Digest::FromRaw(id.bytes));
    ids.push_back(digest);
  }
  return ids;
}

}  // namespace

absl::StatusOr<BorgConfig> ParseBorgConfig(std::string_view text) {
  BorgConfig config;
  bool in_key = false;
  bool in_section = false;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool goes_on = !line.empty() && (line[0] == '\t' || line[0] == ' ');
    if (goes_on && in_key) {
      config.key.append(Trim(line));
      continue;
    }
    in_key = false;
    if (!line.empty() && line[0] == '[') in_section = Trim(line) == "[repository]";
    const size_t equal = line.find('=');
    if (equal == std::string_view::npos || !in_section) continue;
    const std::string_view name = Trim(line.substr(0, equal));
    const std::string_view value = Trim(line.substr(equal + 1));
    if (name == "version") config.version = SmallNumber(value);
    if (name == "segments_per_dir") config.segments_per_dir = SmallNumber(value);
    if (name == "append_only") config.append_only = value == "1";
    if (name == "id") config.id = std::string(value);
    in_key = name == "key";
    if (in_key) config.key = std::string(value);
  }
  if (config.version != 1) return BadData("no configuration of a repository of borg 1.x");
  if (config.segments_per_dir < 1 || !IsLowerHex(config.id, 64)) {
    return BadData("the repository's configuration lacks its id or its segments_per_dir");
  }
  return config;
}

absl::StatusOr<std::string> ParseBorgKeyFile(std::string_view text, std::string_view id) {
  const size_t end = std::min(text.find('\n'), text.size());
  std::string head = "BORG_KEY ";
  head.append(id);
  if (!text.starts_with("BORG_KEY ")) return BadData("no key file of borg");
  if (Trim(text.substr(0, end)) != head) {
    return absl::FailedPreconditionError("the key file is of another repository");
  }
  std::string base64;
  for (const char c : text.substr(end)) {
    if (c != '\n' && c != '\r' && c != ' ' && c != '\t') base64 += c;
  }
  return base64;
}

BorgEncryption EncryptionOfBorgObject(std::string_view object) {
  if (object.empty()) return BorgEncryption::kUnknown;
  switch (object[0]) {
    case 0x02:
      return BorgEncryption::kNone;
    case 0x06:
    case 0x07:
      return BorgEncryption::kAuthenticated;
    case 0x00:
    case 0x03:
    case 0x04:
    case 0x05:
      return BorgEncryption::kAes;
    default:
      return BorgEncryption::kUnknown;
  }
}

bool BorgTypeUsesBlake2(std::string_view object) {
  return !object.empty() && object[0] >= 0x04 && object[0] <= 0x06;
}

bool BorgTypeUsesKeyFile(std::string_view object) {
  return !object.empty() && (object[0] == 0x00 || object[0] == 0x04);
}

absl::StatusOr<std::vector<BorgArchiveEntry>> ParseBorgManifest(std::string_view plain,
                                                                const BorgKey* key) {
  TOM_ASSIGN_OR_RETURN(const MsgpackNode node, ParseMsgpack(plain));
  TOM_RETURN_IF_ERROR(CheckManifest(node, plain, key));
  const MsgpackNode* archives = node.Find("archives");
  if (archives == nullptr || !archives->IsMap()) return BadData("a manifest without archives");
  if (archives->items.size() / 2 > kMaxArchives) {
    return absl::ResourceExhaustedError("more archives than the bound");
  }
  std::vector<BorgArchiveEntry> entries;
  entries.reserve(archives->items.size() / 2);
  for (size_t i = 0; i + 1 < archives->items.size(); i += 2) {
    BorgArchiveEntry entry;
    entry.name = archives->items[i].bytes;
    const std::string_view id = archives->items[i + 1].Bytes("id");
    if (entry.name.empty() || id.size() != kIdBytes)
      return BadData("an archive without name or id");
    TOM_ASSIGN_OR_RETURN(entry.id, Digest::FromRaw(id));
    const std::string_view time = archives->items[i + 1].Bytes("time");
    TOM_ASSIGN_OR_RETURN(entry.time, ParseBorgTime(time));
    if (time.size() == 26) entry.micros = std::max<int64_t>(SmallNumber(time.substr(20)), 0);
    entries.push_back(std::move(entry));
  }
  return entries;
}

absl::StatusOr<BorgArchive> ParseBorgArchive(std::string_view plain) {
  TOM_ASSIGN_OR_RETURN(const MsgpackNode node, ParseMsgpack(plain));
  const MsgpackNode* version = node.Find("version");
  if (version == nullptr || version->integer != 1) {
    return BadData("an archive of another form than borg 1.x has");
  }
  BorgArchive archive;
  TOM_ASSIGN_OR_RETURN(archive.items, Ids(node.Find("items"), false));
  if (const MsgpackNode* line = node.Find("cmdline"); line != nullptr && line->IsArray()) {
    archive.cmdline.reserve(line->items.size());
    for (const MsgpackNode& word : line->items) archive.cmdline.push_back(word.bytes);
  }
  const MsgpackNode* size = node.Find("size");
  if (size != nullptr && size->IsInteger() && size->integer >= 0) archive.size = size->integer;
  return archive;
}

absl::Status BorgItems::Add(std::string_view bytes, std::vector<BorgItem>& items) {
  rest_.append(bytes);
  size_t at = 0;
  while (at < rest_.size()) {
    const auto node = ReadMsgpack(rest_, at);
    if (absl::IsOutOfRange(node.status())) break;
    if (!node.ok()) return node.status();
    BorgItem item;
    item.path = std::string(node->Bytes("path"));
    if (item.path.empty()) return BadData("an item without a path");
    const MsgpackNode* mode = node->Find("mode");
    if (mode != nullptr && mode->IsInteger()) item.mode = static_cast<uint32_t>(mode->integer);
    TOM_ASSIGN_OR_RETURN(item.chunks, Ids(node->Find("chunks"), true));
    items.push_back(std::move(item));
  }
  rest_.erase(0, at);
  if (rest_.size() > kMaxWaiting) return absl::ResourceExhaustedError("an item beyond the bound");
  return absl::OkStatus();
}

std::optional<BorgEntryHead> ParseBorgEntryHead(std::string_view bytes) {
  if (bytes.size() < 9) return std::nullopt;
  BorgEntryHead head;
  head.crc = static_cast<uint32_t>(LittleEndian(bytes.substr(0, 4)));
  head.size = static_cast<uint32_t>(LittleEndian(bytes.substr(4, 4)));
  head.tag = static_cast<uint8_t>(bytes[8]);
  head.head_bytes = head.tag == kBorgCommit ? 9 : kBorgHeadBytes;
  const bool sized = head.tag == kBorgPut
                         ? head.size >= kBorgHeadBytes && head.size <= kMaxBorgObject
                         : head.size == head.head_bytes;
  if (head.tag > kBorgCommit || !sized) return std::nullopt;
  if (head.tag == kBorgCommit) return head;
  if (bytes.size() < kBorgHeadBytes) return std::nullopt;
  std::copy_n(bytes.begin() + 9, kIdBytes, head.id.bytes.begin());
  return head;
}

absl::StatusOr<BorgIndexHead> ParseBorgIndexHead(std::string_view bytes, uint64_t file_size) {
  if (bytes.size() < kBorgIndexHeadBytes || bytes.substr(0, 8) != "BORG_IDX" || bytes[16] != 32 ||
      bytes[17] != 8) {
    return BadData("no index of borg 1.x");
  }
  const BorgIndexHead head{LittleEndian(bytes.substr(8, 4)), LittleEndian(bytes.substr(12, 4))};
  if (head.buckets == 0 || head.entries > head.buckets ||
      head.buckets * kBorgBucketBytes + kBorgIndexHeadBytes != file_size) {
    return BadData("the index is cut off");
  }
  return head;
}

uint64_t FirstBorgBucket(const Digest& id, const BorgIndexHead& head) {
  return LittleEndian(id.Raw().substr(0, 4)) % head.buckets;
}

BorgBucket LookAtBorgBucket(std::string_view bucket, const Digest& id, BorgPlace& place) {
  if (bucket.size() < kBorgBucketBytes) return BorgBucket::kEmpty;
  place.segment = static_cast<uint32_t>(LittleEndian(bucket.substr(kIdBytes, 4)));
  place.offset = static_cast<uint32_t>(LittleEndian(bucket.substr(kIdBytes + 4, 4)));
  if (place.segment == 0xffffffff) return BorgBucket::kEmpty;
  if (place.segment == 0xfffffffe) return BorgBucket::kDeleted;
  return bucket.substr(0, kIdBytes) == id.Raw() ? BorgBucket::kFound : BorgBucket::kOther;
}

}  // namespace tom
