#include "evidence/json_bounds.h"

#include "evidence/limits.h"
#include "evidence/status_text.h"

namespace tom {

absl::Status CheckStringBounds(const Json& json, const std::string& where) {
  if (json.IsString() && json.AsString().size() > limits::kMaxStringBytes) {
    return BadData(where + ": a string over 4 KiB");
  }
  if (json.IsArray()) {
    for (const Json& item : json.AsArray()) TOM_RETURN_IF_ERROR(CheckStringBounds(item, where));
  }
  if (json.IsObject()) {
    for (const auto& [key, member] : json.AsObject()) {
      if (key.size() > limits::kMaxStringBytes) return BadData(where + ": a key over 4 KiB");
      std::string path = where;
      path += '.';
      path += key;
      TOM_RETURN_IF_ERROR(CheckStringBounds(member, path));
    }
  }
  return absl::OkStatus();
}

}  // namespace tom
