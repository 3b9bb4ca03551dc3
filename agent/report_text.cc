#include "agent/report_text.h"

#include "evidence/canonical_json.h"
#include "evidence/terminal_text.h"

namespace tom {
namespace {

absl::StatusOr<Json> ParseLine(std::string_view line) {
  while (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  return ParseCanonical(line);
}

std::string Printable(const Json& value) {
  if (!value.IsString()) return "(not text)";
  return TerminalText(value.AsString());
}

std::string Number(const Json& object, std::string_view key) {
  const Json* value = object.Find(key);
  return value != nullptr && value->IsInteger() ? std::to_string(value->AsInteger()) : "0";
}

std::string Text(const Json& object, std::string_view key) {
  const Json* value = object.Find(key);
  return value == nullptr ? "" : Printable(*value);
}

std::string Groups(const Json& report) {
  std::string text;
  const Json* groups = report.Find("groups");
  if (groups == nullptr || !groups->IsArray()) return text;
  for (const Json& group : groups->AsArray()) text += (text.empty() ? "" : ",") + Printable(group);
  return text;
}

}  // namespace

std::string DeliveryTrouble(std::string_view line) {
  const absl::StatusOr<Json> json = ParseLine(line);
  if (!json.ok()) return "the delivery gave no answer";
  std::string text = Text(*json, "error");
  const Json* notices = json->Find("notices");
  if (notices == nullptr || !notices->IsArray()) return text;
  for (const Json& notice : notices->AsArray()) {
    text += (text.empty() ? "" : "; ") + Printable(notice);
  }
  return text;
}

std::string DeliveryTable(std::string_view line) {
  const absl::StatusOr<Json> json = ParseLine(line);
  if (!json.ok()) return "the delivery gave no answer\n";
  std::string text;
  if (const Json* report = json->Find("report")) {
    text += "signed    " + Text(*report, "digest") + "\n";
    text += "chain     " + Text(*report, "chain") + " #" + Number(*report, "seq") + "\n";
    text += "groups    " + Groups(*report) + "\n";
    text += "changed   " + Number(*report, "changed") + ", removed " + Number(*report, "removed") +
            "\n";
    if (report->Find("anchor_size") != nullptr) {
      text += "anchor    checkpoint of " + Number(*report, "anchor_size") + " leaves\n";
    } else {
      text += "anchor    none yet\n";
    }
  } else if (Number(*json, "lost") == "1") {
    text += "signed    nothing: the spool is full, the cycle is counted as lost\n";
  }
  text += "accepted  " + Number(*json, "accepted") + ", refused " + Number(*json, "rejected") +
          ", held " + Number(*json, "held") + ", still spooled " + Number(*json, "left") + "\n";
  const std::string trouble = DeliveryTrouble(line);
  if (!trouble.empty()) text += "note      " + trouble + "\n";
  return text;
}

}  // namespace tom
