// What tests of the agent share: a state folder that cleans up after itself, and small looks.
#ifndef TOM_AGENT_TESTING_HOST_H_
#define TOM_AGENT_TESTING_HOST_H_

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "agent/report_builder.h"
#include "agent/state.h"
#include "evidence/catalogue.h"

namespace tom {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "tom-agent-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }
  StateDir State() const { return StateDir::Open(path_ + "/state", true).value(); }

 private:
  std::string path_;
};

inline RowResult MakeRow(std::string subject, Verdict verdict, std::string reason) {
  RowResult row;
  row.subject = std::move(subject);
  row.verdict = verdict;
  row.reason = std::move(reason);
  return row;
}

inline CheckOutcome MakeOutcome(std::string check, std::vector<RowResult> rows) {
  CheckOutcome outcome;
  outcome.check = std::move(check);
  outcome.check_digest = Sha256(outcome.check);
  outcome.params = ParamsDigest({});
  outcome.rows = std::move(rows);
  return outcome;
}

inline PlannedCheck MakePlanned(std::string check, std::string interval) {
  PlannedCheck planned;
  planned.interval = std::move(interval);
  planned.piece.check = std::move(check);
  planned.piece.params = ParamsDigest({});
  planned.piece.profiles = {"p"};
  return planned;
}

inline HostView MakeHostView() {
  HostView host;
  host.salt_key = std::string(32, 'k');
  return host;
}

// Two checks: `often` every 5m, `rarely` every 1h.
inline ContextSource MakeSource() {
  ContextSource source;
  source.agent_version = "0.1.0";
  source.os = "test";
  source.catalogue_version = 1;
  source.plan = {MakePlanned("often", "5m"), MakePlanned("rarely", "1h")};
  return source;
}

inline Look MakeLook(UnixSeconds at, std::vector<CheckOutcome> outcomes) {
  Look look;
  look.observed_at = at;
  look.duration_ms = 5;
  look.outcomes = std::move(outcomes);
  return look;
}

}  // namespace tom

#endif  // TOM_AGENT_TESTING_HOST_H_
