#include "collector/ctl/inventory_file.h"

#include <algorithm>
#include <map>
#include <sstream>

#include "checks/engine/yaml_tree.h"
#include "evidence/canonical_json.h"
#include "evidence/digest.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxSystems = 100000;

// What has been read so far, and on which line each id stands.
struct Reading {
  InventoryFile file;
  std::map<std::string, int> lines;
};

// Adds `id` with its body, the order put right at the end.
void AddSystem(InventorySystem system, const InventoryBody& body, InventoryFile& file) {
  const std::string bytes = Canonical(InventoryBodyToJson(body));
  system.body = Sha256(bytes);
  if (system.controllers.empty()) system.controllers = {"shared"};
  std::sort(system.controllers.begin(), system.controllers.end());
  file.inventory.systems.push_back(std::move(system));
  file.bodies.push_back(bytes);
}

UnixSeconds TimeOf(YamlFields& fields, std::string_view key, UnixSeconds fallback) {
  if (!fields.Has(key)) return fallback;
  const auto time = ParseDateOrTime(fields.Text(key));
  if (!time.ok()) fields.Fail(key, "a date or a time in UTC is needed");
  return time.ok() ? *time : 0;
}

absl::Status ReadSystem(const YamlNode& node, const std::string& name, int position,
                        Reading& reading) {
  InventoryFile& file = reading.file;
  YamlFields fields(node, name, "systems[" + std::to_string(position) + "]");
  InventorySystem system;
  InventoryBody body;
  system.id = fields.Text("id");
  body.name = fields.TextOr("name", system.id);
  body.role = fields.TextOr("role", "");
  body.owner = fields.TextOr("owner", "");
  body.site = fields.TextOr("site", "");
  body.personal_data = fields.BooleanOr("personal_data", true);
  body.critical = fields.BooleanOr("critical", true);
  body.salt = RandomId();
  system.controllers = fields.Texts("controllers");
  system.kind = fields.TextOr("kind", "host");
  if (system.kind != "host" && system.kind != "connector" && system.kind != "collector") {
    fields.Fail("kind", "host, connector or collector is needed");
  }
  system.in_service_from = TimeOf(fields, "in_service_from", file.inventory.drawn_at);
  if (fields.Has("in_service_to")) system.in_service_to = TimeOf(fields, "in_service_to", 0);
  const auto [first, added] = reading.lines.emplace(system.id, node.line);
  if (!added) {
    fields.Fail("id", system.id + " stands on line " + std::to_string(first->second) + " already");
  }
  TOM_RETURN_IF_ERROR(fields.Finish());
  AddSystem(std::move(system), body, file);
  return absl::OkStatus();
}

absl::StatusOr<InventoryFile> Finished(InventoryFile file, const std::string& name) {
  auto& systems = file.inventory.systems;
  if (systems.empty()) return BadData(name + ": no system: an empty inventory promises nothing");
  if (systems.size() > kMaxSystems) return BadData(name + ": over 100,000 systems");
  std::sort(systems.begin(), systems.end(),
            [](const InventorySystem& a, const InventorySystem& b) { return a.id < b.id; });
  // The statement's own reader has the last word on what an inventory may hold.
  Json predicate = ToPredicate(file.inventory);
  predicate.AsObject()["ledger"] = "example.org/check";
  predicate.AsObject()["salt"] = RandomId();
  predicate.AsObject()["signer"] = Digest().Hex();
  const auto checked = InventoryFrom(predicate);
  if (!checked.ok()) return Annotate(checked.status(), name);
  return file;
}

// One record of RFC 4180; `line` counts on over quoted line ends.
absl::StatusOr<std::vector<std::string>> CsvRecord(std::string_view& rest, int& line,
                                                   const std::string& name) {
  const int begin = line;
  std::vector<std::string> fields(1);
  bool quoted = false;
  size_t i = 0;
  for (; i < rest.size(); ++i) {
    const char c = rest[i];
    if (c == '\n') ++line;
    if (quoted) {
      if (c != '"') {
        fields.back().push_back(c);
      } else if (i + 1 < rest.size() && rest[i + 1] == '"') {
        fields.back().push_back(rest[++i]);
      } else {
        quoted = false;
      }
    } else if (c == '"' && fields.back().empty()) {
      quoted = true;
    } else if (c == ',') {
      fields.emplace_back();
    } else if (c == '\n') {
      ++i;
      break;
    } else if (c != '\r') {
      fields.back().push_back(c);
    }
  }
  if (quoted) return BadData(name + ":" + std::to_string(line) + ": a quote is not closed");
  for (size_t at = 0; at < fields.size(); ++at) {
    if (IsUtf8(fields[at]) && fields[at].find('\0') == std::string::npos) continue;
    return BadData(name + ":" + std::to_string(begin) + ": field " + std::to_string(at + 1) +
                   " is not UTF-8, or has a NUL");
  }
  rest.remove_prefix(i);
  return fields;
}

std::vector<std::string> Words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

// A record becomes the YAML node that it stands for, so that there is one reader of systems.
YamlNode RecordNode(const std::vector<std::string>& header, const std::vector<std::string>& record,
                    int line) {
  YamlNode node;
  node.kind = YamlNode::Kind::kMap;
  node.line = line;
  for (size_t i = 0; i < record.size(); ++i) {
    if (record[i].empty()) continue;
    YamlNode value;
    value.line = line;
    value.column = static_cast<int>(i) + 1;
    value.kind = YamlNode::Kind::kScalar;
    value.text = record[i];
    if (header[i] == "controllers") {
      YamlNode list = value;
      list.kind = YamlNode::Kind::kSequence;
      for (const std::string& word : Words(record[i])) {
        value.text = word;
        list.items.push_back(value);
      }
      value = std::move(list);
    }
    node.entries.push_back({header[i], std::move(value)});
  }
  return node;
}

}  // namespace

absl::StatusOr<UnixSeconds> ParseDateOrTime(std::string_view text) {
  return ParseUtc(text.size() == 10 ? std::string(text) + "T00:00:00Z" : std::string(text));
}

absl::StatusOr<InventoryFile> ParseInventoryYaml(std::string_view text, const std::string& name,
                                                 const InventoryDefaults& defaults) {
  TOM_ASSIGN_OR_RETURN(const YamlNode root, ParseYaml(text, name));
  YamlFields fields(root, name);
  Reading reading;
  InventoryFile& file = reading.file;
  file.inventory.source = fields.TextOr("source", defaults.source);
  file.inventory.drawn_by = fields.TextOr("drawn_by", defaults.drawn_by);
  file.inventory.drawn_at = TimeOf(fields, "drawn_at", defaults.now);
  const YamlNode* systems = fields.Sequence("systems");
  TOM_RETURN_IF_ERROR(fields.Finish());
  int position = 0;
  if (systems != nullptr) {
    for (const YamlNode& node : systems->items) {
      TOM_RETURN_IF_ERROR(ReadSystem(node, name, position++, reading));
    }
  }
  return Finished(std::move(file), name);
}

absl::StatusOr<InventoryFile> ParseInventoryCsv(std::string_view text, const std::string& name,
                                                const InventoryDefaults& defaults) {
  Reading reading;
  InventoryFile& file = reading.file;
  file.inventory.source = defaults.source;
  file.inventory.drawn_by = defaults.drawn_by;
  file.inventory.drawn_at = defaults.now;
  int line = 1;
  TOM_ASSIGN_OR_RETURN(const std::vector<std::string> header, CsvRecord(text, line, name));
  for (int position = 0; !text.empty(); ++position) {
    const int begin = line;
    TOM_ASSIGN_OR_RETURN(const std::vector<std::string> record, CsvRecord(text, line, name));
    if (record.size() == 1 && record[0].empty()) continue;
    if (record.size() != header.size()) {
      return BadData(name + ":" + std::to_string(begin) + ": " + std::to_string(record.size()) +
                     " fields, the header has " + std::to_string(header.size()));
    }
    TOM_RETURN_IF_ERROR(ReadSystem(RecordNode(header, record, begin), name, position, reading));
  }
  return Finished(std::move(file), name);
}

}  // namespace tom
