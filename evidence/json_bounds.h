// The bound on every string of a record (limits.h), checked in one place.
#ifndef TOM_EVIDENCE_JSON_BOUNDS_H_
#define TOM_EVIDENCE_JSON_BOUNDS_H_

#include <string>

#include "absl/status/status.h"
#include "evidence/canonical_json.h"

namespace tom {

// Every string of `json`, keys too, has at most limits::kMaxStringBytes bytes. The error names the
// member by its path, which starts with `where`.
absl::Status CheckStringBounds(const Json& json, const std::string& where);

}  // namespace tom

#endif  // TOM_EVIDENCE_JSON_BOUNDS_H_
