#include "checks/parse/backup_catalogues.h"

#include <algorithm>

#include "checks/parse/json_tree.h"
#include "checks/parse/plain_number.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxBackups = 20000;

using Backups = std::vector<CatalogueBackup>;

const JsonNode* Member(const JsonNode* node, std::string_view name) {
  return node == nullptr ? nullptr : node->Find(name);
}

std::optional<int64_t> Integer(const JsonNode* node) {
  if (node == nullptr || !node->IsInteger() || node->integer < 0) return std::nullopt;
  return node->integer;
}

bool IsWal(std::string_view name) {
  return name.size() == 24 && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
         });
}

void SetWals(CatalogueBackup& backup, std::string_view first, std::string_view last) {
  if (!IsWal(first) || !IsWal(last)) return;
  backup.first_wal = std::string(first);
  backup.last_wal = std::string(last);
}

// A label becomes part of a path.
bool IsLabel(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
  });
}

absl::StatusOr<CatalogueBackup> OfPgBackRest(const JsonNode& node, std::optional<bool> encrypted) {
  CatalogueBackup backup;
  backup.label = std::string(node.Text("label"));
  const auto time = Integer(Member(node.Find("timestamp"), "stop"));
  const JsonNode* error = node.Find("error");
  if (backup.label.empty() || !time) return BadData("a backup without a label or a time");
  backup.time = *time;
  backup.size_bytes = Integer(Member(node.Find("info"), "size"));
  backup.faulty = error != nullptr && error->kind == JsonNode::Kind::kBool && error->boolean;
  backup.encrypted = encrypted;
  return backup;
}

// "none" or a cipher, of the stanza: "mixed" where its repositories differ.
std::optional<bool> EncryptedBy(std::string_view cipher) {
  if (cipher.empty() || cipher == "mixed") return std::nullopt;
  return cipher != "none";
}

absl::Status TakeCatalogueLine(std::string_view label, std::string_view json, Backups& backups) {
  TOM_ASSIGN_OR_RETURN(const JsonNode node, ParseJsonTree(json));
  const auto time = Integer(node.Find("backup-timestamp-stop"));
  const auto history = Integer(node.Find("db-id"));
  const JsonNode* error = node.Find("backup-error");
  if (!IsLabel(label) || !time || !history) return BadData("a backup without a label or a time");
  CatalogueBackup backup;
  backup.label = std::string(label);
  backup.time = *time;
  backup.size_bytes = Integer(node.Find("backup-info-size"));
  backup.faulty = error != nullptr && error->kind == JsonNode::Kind::kBool && error->boolean;
  backup.encrypted = false;  // for this can be read
  backup.wal_folder = std::to_string(*history);
  SetWals(backup, node.Text("backup-archive-start"), node.Text("backup-archive-stop"));
  backups.push_back(std::move(backup));
  return absl::OkStatus();
}

// "2026-11-22 14:12:48.627504+00:00".
absl::StatusOr<UnixSeconds> ParseBarmanTime(std::string_view text) {
  if (text.size() < 25 || text[10] != ' ') return BadData("a backup without a time");
  std::string plain(text.substr(0, 19));
  plain[10] = 'T';
  TOM_ASSIGN_OR_RETURN(const UnixSeconds local, ParseUtc(plain + "Z"));
  const std::string_view zone = text.substr(text.size() - 6);
  const auto hours = PlainNumber(zone.substr(1, 2));
  const auto minutes = PlainNumber(zone.substr(4, 2));
  if ((zone[0] != '+' && zone[0] != '-') || zone[3] != ':' || !hours || !minutes) {
    return BadData("a backup's time has no zone");
  }
  const int64_t offset = (*hours * 60 + *minutes) * 60;
  return zone[0] == '+' ? local - offset : local + offset;
}

// True: it counts. What Barman calls neither done nor waiting broke off, or runs.
bool TakeBarmanStatus(std::string_view status, CatalogueBackup& backup) {
  if (status == "WAITING_FOR_WALS") backup.waits = "the logs that it needs have not come yet";
  return status == "DONE" || status == "WAITING_FOR_WALS";
}

absl::Status TakeBarmanEntry(const JsonNode& node, Backups& backups) {
  CatalogueBackup backup;
  backup.label = std::string(node.Text("backup_id"));
  if (!TakeBarmanStatus(node.Text("status"), backup)) return absl::OkStatus();
  const JsonNode* details = node.Find("base_backup_information");
  const JsonNode& timed = details == nullptr ? node : *details;
  const auto time = PlainNumber(timed.Text("end_time_timestamp"));
  if (backup.label.empty() || !time) return BadData("a backup without an id or a time");
  backup.time = *time;
  backup.size_bytes = Integer(timed.Find(details == nullptr ? "size_bytes" : "disk_usage_bytes"));
  if (details != nullptr) SetWals(backup, details->Text("begin_wal"), details->Text("end_wal"));
  backups.push_back(std::move(backup));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Backups> ParsePgBackRestJson(std::string_view text, const std::string& stanza) {
  TOM_ASSIGN_OR_RETURN(const JsonNode tree, ParseJsonTree(text));
  if (!tree.IsArray()) return BadData("no output of pgbackrest info");
  for (const JsonNode& one : tree.items) {
    if (one.Text("name") != stanza) continue;
    const JsonNode* list = one.Find("backup");
    if (list == nullptr || !list->IsArray()) return BadData("no output of pgbackrest info");
    const auto code = Integer(Member(one.Find("status"), "code"));
    // 2: there are no backups. Others: a stanza or repository that cannot be used.
    if (!code || (*code != 0 && *code != 2)) {
      return absl::UnavailableError(
          ToAbsl("pgbackrest: " + std::string(one.Find("status") == nullptr
                                                  ? std::string_view("no status")
                                                  : one.Find("status")->Text("message"))));
    }
    Backups backups;
    for (const JsonNode& node : list->items) {
      TOM_ASSIGN_OR_RETURN(CatalogueBackup backup,
                           OfPgBackRest(node, EncryptedBy(one.Text("cipher"))));
      backups.push_back(std::move(backup));
    }
    return backups;
  }
  return absl::NotFoundError(ToAbsl("there is no stanza " + stanza));
}

absl::StatusOr<Backups> ParsePgBackRestCatalogue(std::string_view text) {
  Backups backups;
  std::string_view section;
  bool known = false;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("[")) section = line;
    known = known || line.starts_with("backrest-format=");
    const size_t equal = line.find('=');
    if (section != "[backup:current]" || equal == std::string_view::npos) continue;
    if (backups.size() >= kMaxBackups) return absl::ResourceExhaustedError("too many backups");
    TOM_RETURN_IF_ERROR(TakeCatalogueLine(line.substr(0, equal), line.substr(equal + 1), backups));
  }
  if (!known) return BadData("no backup.info of pgBackRest");
  return backups;
}

absl::StatusOr<Backups> ParseBarmanJson(std::string_view text, const std::string& server) {
  TOM_ASSIGN_OR_RETURN(const JsonNode tree, ParseJsonTree(text));
  const JsonNode* one = tree.Find(server);
  if (!tree.IsObject()) return BadData("no output of barman");
  if (one == nullptr) return absl::NotFoundError(ToAbsl("there is no server " + server));
  Backups backups;
  if (one->IsObject()) {
    TOM_RETURN_IF_ERROR(TakeBarmanEntry(*one, backups));
    return backups;
  }
  if (!one->IsArray()) return BadData("no output of barman");
  for (const JsonNode& node : one->items) TOM_RETURN_IF_ERROR(TakeBarmanEntry(node, backups));
  return backups;
}

absl::StatusOr<std::optional<CatalogueBackup>> ParseBarmanBackupInfo(std::string_view text) {
  CatalogueBackup backup;
  std::string_view status;
  std::string_view end_time;
  std::string_view first_wal;
  std::string_view last_wal;
  backup.encrypted = false;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t equal = line.find('=');
    if (equal == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, equal);
    const std::string_view value = line.substr(equal + 1);
    if (name == "status") status = value;
    if (name == "end_time") end_time = value;
    if (name == "size") backup.size_bytes = PlainNumber(value);
    if (name == "encryption") backup.encrypted = value != "None";
    if (name == "begin_wal") first_wal = value;
    if (name == "end_wal") last_wal = value;
  }
  if (status.empty()) return BadData("no backup.info of Barman");
  if (!TakeBarmanStatus(status, backup)) return std::optional<CatalogueBackup>();
  TOM_ASSIGN_OR_RETURN(backup.time, ParseBarmanTime(end_time));
  SetWals(backup, first_wal, last_wal);
  return std::optional<CatalogueBackup>(std::move(backup));
}

}  // namespace tom
