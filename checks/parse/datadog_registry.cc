#include "checks/parse/datadog_registry.h"

#include "checks/parse/data_time.h"
#include "checks/parse/json_tree.h"
#include "evidence/status_text.h"

namespace tom {

absl::StatusOr<std::map<std::string, UnixSeconds>> ParseDatadogRegistry(std::string_view json) {
  constexpr int64_t kNewest = 3;
  TOM_ASSIGN_OR_RETURN(const JsonNode tree, ParseJsonTree(json));
  const JsonNode* version = tree.Find("Version");
  const JsonNode* entries = tree.Find("Registry");
  const bool known = version != nullptr && version->IsInteger() && version->integer >= 1 &&
                     version->integer <= kNewest;
  if (!known || entries == nullptr || !entries->IsObject()) {
    return BadData("no registry of a version that is known");
  }
  std::map<std::string, UnixSeconds> times;
  for (const auto& [name, entry] : entries->members) {
    const auto time = ParseDataTime(entry.Text("LastUpdated"));
    if (!time) return BadData("an entry of the registry without a time");
    times[name] = *time;
  }
  return times;
}

}  // namespace tom
