#include "checks/engine/parameter_yaml.h"

#include "evidence/status_text.h"
#include "evidence/utc_time.h"

namespace tom {
namespace {

std::string TypeOf(const Json& raw, const std::string& stricter) {
  if (raw.IsArray()) return "list";
  if (stricter != "lower" && stricter != "higher") return "text";
  if (TlsRank(raw.AsString())) return "tls_version";
  return ParseDurationSeconds(raw.AsString()).ok() ? "duration" : "integer";
}

}  // namespace

absl::StatusOr<Json> RawValue(const YamlNode& node, const std::string& file,
                              const std::string& path) {
  if (node.IsScalar()) return Json(node.text);
  if (!node.IsSequence()) return YamlError(node, file, path, "expected a text or a list of texts");
  Json::Array items;
  for (const YamlNode& item : node.items) {
    if (!item.IsScalar()) return YamlError(item, file, path, "expected a text");
    items.emplace_back(item.text);
  }
  return Json(std::move(items));
}

absl::StatusOr<Parameter> ParseParameter(const YamlNode& node, const std::string& file,
                                         const std::string& path) {
  YamlFields fields(node, file, path);
  Parameter parameter;
  parameter.stricter = fields.Text("stricter");
  parameter.type = fields.TextOr("type", "");
  parameter.personal = fields.TextOr("personal", "");
  const YamlNode* value = fields.Any("value");
  if (value == nullptr) fields.Fail("value", "missing");
  TOM_RETURN_IF_ERROR(fields.Finish());
  TOM_ASSIGN_OR_RETURN(const Json raw, RawValue(*value, file, path + ".value"));
  if (parameter.type.empty()) parameter.type = TypeOf(raw, parameter.stricter);
  auto typed = TypedValue(parameter, raw);
  if (!typed.ok()) {
    return YamlError(*value, file, path + ".value", FromAbsl(typed.status().message()));
  }
  parameter.value = *std::move(typed);
  if (const absl::Status status = CheckParameter(parameter, path); !status.ok()) {
    return YamlError(node, file, "", FromAbsl(status.message()));
  }
  return parameter;
}

}  // namespace tom
