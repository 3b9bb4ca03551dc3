#include "checks/parse/backup_listing.h"

#include <algorithm>

#include "checks/parse/json_tree.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kSecondsLength = 19;  // YYYY-MM-DDTHH:MM:SS
constexpr JsonTreeLimits kLineLimits{
    .max_bytes = kMaxListingLine, .max_depth = 8, .max_nodes = 256};

absl::StatusOr<int64_t> ParseOffset(std::string_view zone) {
  if (zone.empty() || zone == "Z") return 0;
  const auto digit = [&](size_t i) {
    return zone[i] >= '0' && zone[i] <= '9' ? zone[i] - '0' : 100;
  };
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') {
    return BadData("a time's offset that is none");
  }
  const int hours = digit(1) * 10 + digit(2);
  const int minutes = digit(4) * 10 + digit(5);
  if (hours > 24 || minutes > 59) return BadData("a time's offset that is none");
  const int64_t offset = (hours * int64_t{60} + minutes) * 60;
  return zone[0] == '+' ? offset : -offset;
}

// Programs write U+FFFD for bytes that are no UTF-8: such a name cannot be asked for again.
absl::Status CheckPath(std::string_view path) {
  if (path.empty()) return BadData("an entry without a name");
  if (path.find("\xEF\xBF\xBD") != std::string_view::npos) {
    return BadData("a name that is not told exactly");
  }
  if (path.find('\0') != std::string_view::npos) return BadData("a name with a NUL");
  return absl::OkStatus();
}

absl::Status ReadSize(const JsonNode& node, ListedEntry& entry) {
  const JsonNode* size = node.Find("size");
  if (size == nullptr) return absl::OkStatus();  // restic leaves out a size of 0
  if (!size->IsInteger() || size->integer < 0) return BadData("a size that is none");
  entry.size = size->integer;
  return absl::OkStatus();
}

absl::Status ReadModified(const JsonNode& node, ListedEntry& entry) {
  TOM_ASSIGN_OR_RETURN(const FineTime time, ParseFineTime(node.Text("mtime")));
  entry.modified = time.seconds;
  entry.modified_ns = time.nanoseconds;
  entry.precision_ns = time.precision_ns;
  return absl::OkStatus();
}

void KeepNewest(std::string_view id, UnixSeconds time, const JsonNode& node,
                NewestSnapshot& newest) {
  if (!newest.id.empty() && time < newest.time) return;
  newest = {.id = std::string(id), .time = time, .paths = {}};
  const JsonNode* paths = node.Find("paths");
  if (paths == nullptr || !paths->IsArray()) return;
  for (const JsonNode& path : paths->items) {
    if (path.IsString()) newest.paths.push_back(path.text);
  }
}

absl::StatusOr<NewestSnapshot> NewestOf(const std::vector<JsonNode>& list, std::string_view id_key,
                                        std::string_view time_key) {
  NewestSnapshot newest;
  for (const JsonNode& node : list) {
    const std::string_view id = node.Text(id_key);
    if (id.empty()) return BadData("a snapshot without a name");
    TOM_ASSIGN_OR_RETURN(const FineTime time, ParseFineTime(node.Text(time_key)));
    KeepNewest(id, time.seconds, node, newest);
  }
  return newest;
}

}  // namespace

absl::StatusOr<FineTime> ParseFineTime(std::string_view text) {
  if (text.size() < kSecondsLength) return BadData("no time");
  TOM_ASSIGN_OR_RETURN(const UnixSeconds local,
                       ParseUtc(std::string(text.substr(0, kSecondsLength)) + "Z"));
  FineTime time;
  size_t at = kSecondsLength;
  if (at < text.size() && text[at] == '.') {
    const size_t begin = ++at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      if (at - begin >= 9) return BadData("a time finer than nanoseconds");
      time.nanoseconds = time.nanoseconds * 10 + (text[at] - '0');
    }
    if (at == begin) return BadData("a fraction of a second without digits");
    const size_t digits = at - begin;
    for (size_t i = digits; i < 9; ++i) time.nanoseconds *= 10;
    // Go leaves out zeros at the end of nanoseconds; Python writes six digits, or none.
    time.precision_ns = digits == 6 ? 1000 : 1;
  }
  TOM_ASSIGN_OR_RETURN(const int64_t offset, ParseOffset(text.substr(at)));
  time.seconds = local - offset;
  return time;
}

absl::StatusOr<std::optional<ListedEntry>> ParseListedNode(std::string_view line) {
  TOM_ASSIGN_OR_RETURN(const JsonNode node, ParseJsonTree(line, kLineLimits));
  if (!node.IsObject()) return BadData("no object");
  const std::string_view what = node.Text("struct_type");
  if (what == "snapshot") return std::optional<ListedEntry>();
  if (what != "node") return BadData("neither a snapshot nor a node");
  ListedEntry entry;
  entry.path = std::string(node.Text("path"));
  const std::string_view type = node.Text("type");
  if (type == "file") entry.kind = ListedEntry::Kind::kFile;
  if (type == "symlink") entry.kind = ListedEntry::Kind::kLink;
  if (type == "stream") entry.kind = ListedEntry::Kind::kStream;
  TOM_RETURN_IF_ERROR(CheckPath(entry.path));
  entry.link_target = std::string(node.Text("linktarget"));
  if (const JsonNode* number = node.Find("number"); number != nullptr) {
    if (!number->IsInteger() || number->integer < 0) return BadData("a number that is none");
    entry.number = number->integer;
  }
  TOM_RETURN_IF_ERROR(ReadSize(node, entry));
  if (entry.kind == ListedEntry::Kind::kFile) TOM_RETURN_IF_ERROR(ReadModified(node, entry));
  return std::optional<ListedEntry>(std::move(entry));
}

absl::StatusOr<std::optional<ListedEntry>> ParseBorgItem(std::string_view line) {
  TOM_ASSIGN_OR_RETURN(const JsonNode node, ParseJsonTree(line, kLineLimits));
  if (!node.IsObject()) return BadData("no object");
  ListedEntry entry;
  entry.path = std::string(node.Text("path"));
  const std::string_view type = node.Text("type");
  if (type.empty()) return BadData("an item without a type");
  if (type == "-") entry.kind = ListedEntry::Kind::kFile;
  if (type == "l") entry.kind = ListedEntry::Kind::kLink;
  TOM_RETURN_IF_ERROR(CheckPath(entry.path));
  if (entry.kind == ListedEntry::Kind::kLink) {
    entry.link_target = std::string(node.Text("linktarget"));
  }
  TOM_RETURN_IF_ERROR(ReadSize(node, entry));
  if (entry.kind == ListedEntry::Kind::kFile) {
    TOM_RETURN_IF_ERROR(ReadModified(node, entry));
    entry.precision_ns = std::max<int64_t>(entry.precision_ns, 1000);
  }
  return std::optional<ListedEntry>(std::move(entry));
}

absl::StatusOr<NewestSnapshot> ParseResticNewest(std::string_view json) {
  TOM_ASSIGN_OR_RETURN(const JsonNode tree, ParseJsonTree(json));
  if (tree.kind == JsonNode::Kind::kNull) return NewestSnapshot();  // an empty repository
  if (!tree.IsArray()) return BadData("restic's answer is no list");
  return NewestOf(tree.items, "id", "time");
}

absl::StatusOr<NewestSnapshot> ParseBorgNewest(std::string_view json) {
  TOM_ASSIGN_OR_RETURN(const JsonNode tree, ParseJsonTree(json));
  const JsonNode* archives = tree.Find("archives");
  if (archives == nullptr || !archives->IsArray()) return BadData("borg lists no archives");
  return NewestOf(archives->items, "archive", "start");
}

}  // namespace tom
