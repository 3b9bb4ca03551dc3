#include "checks/engine/check_yaml.h"

#include <algorithm>

#include "checks/engine/parameter_yaml.h"
#include "checks/engine/zone_time.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

absl::Status ReadParameters(const YamlNode* node, const std::string& file, Check& check) {
  if (node == nullptr) return absl::OkStatus();
  for (const auto& [name, member] : node->entries) {
    TOM_ASSIGN_OR_RETURN(check.parameters[name],
                         ParseParameter(member, file, "parameters." + name));
  }
  return absl::OkStatus();
}

absl::StatusOr<Expectation> ParseExpectation(const YamlNode& node, const std::string& file) {
  YamlFields fields(node, file, "cases.expect");
  Expectation expectation;
  expectation.subject = fields.Text("subject");
  expectation.reason = fields.TextOr("reason", "");
  const auto verdict = VerdictFromName(fields.Text("verdict"));
  if (!verdict.ok()) fields.Fail("verdict", "expected pass, fail, unknown or not_applicable");
  TOM_RETURN_IF_ERROR(fields.Finish());
  expectation.verdict = *verdict;
  return expectation;
}

absl::StatusOr<std::vector<CaseRow>> ParseRows(const YamlNode& node, const std::string& file,
                                               const std::string& path) {
  std::vector<CaseRow> rows;
  if (!node.IsSequence() && !node.IsNull()) return YamlError(node, file, path, "expected a list");
  for (const YamlNode& item : node.items) {
    if (!item.IsMap()) return YamlError(item, file, path, "expected a map of columns");
    CaseRow row;
    for (const auto& [column, value] : item.entries) {
      if (!value.IsScalar() && !value.IsNull()) {
        return YamlError(value, file, path + "." + column, "expected a text, a number or null");
      }
      row.emplace(column, value);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

absl::StatusOr<CheckCase> ParseCase(const YamlNode& node, const std::string& file) {
  YamlFields fields(node, file, "cases");
  CheckCase one;
  one.line = node.line;
  one.name = fields.Text("name");
  const YamlNode* facts = fields.Map("facts");
  one.unread = fields.Texts("unread");
  const YamlNode* parameters = fields.Map("parameters");
  const YamlNode* expect = fields.Sequence("expect");
  if (expect == nullptr) fields.Fail("expect", "missing");
  TOM_RETURN_IF_ERROR(fields.Finish());
  for (const auto& [table, rows] : facts != nullptr ? facts->entries : YamlNode().entries) {
    TOM_ASSIGN_OR_RETURN(one.facts[table], ParseRows(rows, file, "cases.facts." + table));
  }
  for (const auto& [name, value] :
       parameters != nullptr ? parameters->entries : YamlNode().entries) {
    TOM_ASSIGN_OR_RETURN(one.parameters[name], RawValue(value, file, "cases.parameters." + name));
  }
  for (const YamlNode& item : expect->items) {
    TOM_ASSIGN_OR_RETURN(Expectation expectation, ParseExpectation(item, file));
    one.expect.push_back(std::move(expectation));
  }
  return one;
}

void ReadTexts(YamlFields& fields, Check& check) {
  check.id = fields.Text("id");
  check.measure = fields.Text("measure");
  check.title = fields.Text("title");
  check.severity = fields.Text("severity");
  check.interval = fields.Text("interval");
  check.runs_on = fields.Text("runs_on");
  check.query = fields.Text("query");
  check.expects = fields.TextOr("expects", "");
  check.volatile_columns = fields.Texts("volatile");
  check.when_empty = fields.Text("when_empty");
  check.rationale = fields.TextOr("rationale", "");
  check.remediation = fields.TextOr("remediation", "");
  check.references = fields.Texts("references");
  std::sort(check.volatile_columns.begin(), check.volatile_columns.end());
}

void ReadMode(YamlFields& fields, CheckSource& source) {
  const std::string mode = fields.TextOr("mode", "enforce");
  if (mode != "enforce" && mode != "observe") fields.Fail("mode", "expected enforce or observe");
  source.observed = mode == "observe";
  const std::string from = fields.TextOr("effective_from", "");
  if (from.empty()) return;
  if (!source.observed) fields.Fail("effective_from", "says when `mode: observe` ends");
  const auto time = ParseDateStart(from, "UTC");
  if (!time.ok()) return fields.Fail("effective_from", FromAbsl(time.status().message()));
  source.effective_from = *time;
}

// The strict reader of the canonical form judges the values; its error is put at the key's place in
// the file.
absl::Status Seal(const YamlNode& root, const std::string& file, Check& check) {
  auto sealed = CheckFromJson(CheckToJson(check), "");
  if (sealed.ok()) {
    check = *std::move(sealed);
    return absl::OkStatus();
  }
  const std::string message(sealed.status().message());
  const YamlNode* node = root.Find(message.substr(0, message.find_first_of(".:")));
  return YamlError(node != nullptr ? *node : root, file, "", message);
}

}  // namespace

absl::StatusOr<CheckSource> ParseCheckYaml(std::string_view text, const std::string& file) {
  TOM_ASSIGN_OR_RETURN(const YamlNode root, ParseYaml(text, file));
  YamlFields fields(root, file);
  CheckSource source;
  source.file = file;
  ReadTexts(fields, source.check);
  ReadMode(fields, source);
  const YamlNode* parameters = fields.Map("parameters");
  const YamlNode* cases = fields.Sequence("cases");
  TOM_RETURN_IF_ERROR(fields.Finish());
  const YamlNode& query = *root.Find("query");
  source.query_line = query.line + (query.text.find('\n') != std::string::npos ? 1 : 0);
  TOM_RETURN_IF_ERROR(ReadParameters(parameters, file, source.check));
  for (const YamlNode& item : cases != nullptr ? cases->items : YamlNode().items) {
    TOM_ASSIGN_OR_RETURN(CheckCase one, ParseCase(item, file));
    source.cases.push_back(std::move(one));
  }
  TOM_RETURN_IF_ERROR(Seal(root, file, source.check));
  return source;
}

}  // namespace tom
