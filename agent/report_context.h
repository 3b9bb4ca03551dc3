// The context of a cycle: under which rules and by which program it looks, with every piece it
// names.
#ifndef TOM_AGENT_REPORT_CONTEXT_H_
#define TOM_AGENT_REPORT_CONTEXT_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/canonical_json.h"
#include "evidence/context.h"
#include "evidence/replay.h"
#include "evidence/utc_time.h"

namespace tom {

// One check under one distinct set of parameter values, due every `interval`.
struct PlannedCheck {
  std::string interval;
  ParamsPiece piece;
};

// A host's own exclusion as its configuration declares it.
struct HostExclusion {
  std::string check;
  std::string subject;  // as the check prints it
  std::string reason;
  std::string owner;
  UnixSeconds expires = 0;  // from then on it is as if absent
};

// Whose data one subject, or everything below a path, belongs to.
struct SubjectScope {
  std::string subject;
  bool below = false;                    // also subjects that start with `subject` + "/"
  std::vector<std::string> controllers;  // sorted
};

// What of the host enters every row.
struct HostView {
  std::string salt_key;
  std::vector<std::string> controllers;  // the host's default scope, sorted; none = shared
  std::vector<SubjectScope> scopes;      // refinements; the longest that fits counts
  std::vector<HostExclusion> exclusions;
};

// The scope of a row about `subject`: sorted, never empty.
std::vector<std::string> ScopeOf(const HostView& host, std::string_view subject);

// The id of a pseudonym key: 32 hex digits of its SHA-256. The key itself never leaves the host.
std::string PseudonymKeyId(std::string_view key);

struct ContextSource {
  std::string agent_version;
  Digest agent_binary;
  int64_t catalogue_version = 0;
  Digest catalogue;  // of the publisher's statement
  std::string os;
  std::optional<std::string> pseudonym_key;  // its id, PseudonymKeyId
  std::vector<PlannedCheck> plan;
  std::vector<std::string> profiles;  // canonical JSON of each profile in use
  Json configuration;                 // an object
};

struct BuiltContext {
  Context context;
  Digest digest;                   // of the context blob
  std::vector<std::string> blobs;  // the context and every piece
  std::vector<PlannedCheck> plan;
  std::map<RowKey, Digest> excluded;  // rows that a host's exclusion names -> digest of its entry
};

// Pure: the same rules give the same bytes. `at` decides which exclusions have expired.
// InvalidArgument where a text of the configuration has no canonical form.
absl::StatusOr<BuiltContext> BuildContext(const HostView& host, const ContextSource& source,
                                          UnixSeconds at);

}  // namespace tom

#endif  // TOM_AGENT_REPORT_CONTEXT_H_
