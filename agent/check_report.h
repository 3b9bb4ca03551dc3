// What `tom-agent check` found, ready to be printed.
#ifndef TOM_AGENT_CHECK_REPORT_H_
#define TOM_AGENT_CHECK_REPORT_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/config.h"
#include "checks/engine/outcome.h"
#include "evidence/catalogue.h"

namespace tom {

// Why a subject that is not as promised is accepted for now.
struct Accepted {
  std::string by;  // host
  std::string id;  // 32 hex digits, of the entry
  std::string reason;
  std::string owner;
  UnixSeconds expires = 0;
};

struct CheckResult {
  std::string measure;
  std::vector<std::string> clauses;  // of the profiles that asked, in their order
  std::string check;
  std::string severity;
  RowResult row;
  std::optional<Accepted> accepted;
};

struct CheckReport {
  std::map<std::string, std::string> host;  // name, os, root, mode
  std::vector<std::string> profiles;
  Digest catalogue_digest;
  UnixSeconds started_at = 0;
  UnixSeconds finished_at = 0;
  std::vector<CheckResult> results;  // by measure, check, subject
};

// Rows not accepted, by verdict, and the accepted ones: together all rows.
struct CheckSummary {
  size_t pass = 0;
  size_t fail = 0;
  size_t unknown = 0;
  size_t not_applicable = 0;
  size_t accepted = 0;
};

// An exclusion of the configuration accepts what fails or is unknown until it expires; one that has
// expired is as if absent.
std::vector<CheckResult> ResultsOf(const std::vector<CheckOutcome>& outcomes,
                                   const Catalogue& catalogue, const AgentConfig& config,
                                   UnixSeconds now);

CheckSummary Summarise(const std::vector<CheckResult>& results);

// 0, 2 or 3 (interfaces.md); no row at all is 3: nothing was examined.
int ExitCodeOf(const CheckSummary& summary);

}  // namespace tom

#endif  // TOM_AGENT_CHECK_REPORT_H_
