// A check as it is written: one YAML file (interfaces.md "A check").
#ifndef TOM_CHECKS_ENGINE_CHECK_YAML_H_
#define TOM_CHECKS_ENGINE_CHECK_YAML_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/engine/yaml_tree.h"
#include "evidence/catalogue.h"
#include "evidence/row.h"

namespace tom {

// One fact of a case; its type is that of the table's column. A null is NULL.
using CaseRow = std::map<std::string, YamlNode>;

struct Expectation {
  std::string subject;
  Verdict verdict = Verdict::kUnknown;
  std::string reason;  // a part of it; may be empty
};

// Facts and the rows that they must give: all of them, no others.
struct CheckCase {
  std::string name;
  std::map<std::string, std::vector<CaseRow>> facts;  // by table; tables not named are empty
  std::vector<std::string> unread;                    // tables whose scan is incomplete
  std::map<std::string, Json> parameters;             // in place of the check's own values
  std::vector<Expectation> expect;
  int line = 0;
};

struct CheckSource {
  Check check;
  // On trial (mode: observe): rows count neither for nor against before effective_from; a date is
  // midnight UTC. Without effective_from the trial ends with a later catalogue.
  bool observed = false;
  std::optional<UnixSeconds> effective_from;
  std::vector<CheckCase> cases;
  std::string file;
  int query_line = 0;  // of the query's first line in the file
};

absl::StatusOr<CheckSource> ParseCheckYaml(std::string_view text, const std::string& file);

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_CHECK_YAML_H_
