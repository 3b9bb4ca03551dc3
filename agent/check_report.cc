#include "agent/check_report.h"

#include <algorithm>
#include <tuple>

#include "agent/exit_code.h"
#include "agent/plan.h"

namespace tom {
namespace {

std::optional<Accepted> AcceptedBy(const AgentConfig& config, const std::string& check,
                                   const RowResult& row, UnixSeconds now) {
  if (row.verdict != Verdict::kFail && row.verdict != Verdict::kUnknown) return std::nullopt;
  for (const ConfigExclusion& entry : config.exclusions) {
    if (entry.check != check || entry.subject != row.subject || entry.expires <= now) continue;
    const Json::Object members{{"check", entry.check},
                               {"subject", TextOrBytes(entry.subject)},
                               {"reason", entry.reason},
                               {"owner", entry.owner},
                               {"expires", FormatUtc(entry.expires)}};
    return Accepted{.by = "host",
                    .id = CanonicalDigest(members).Hex().substr(0, 32),
                    .reason = entry.reason,
                    .owner = entry.owner,
                    .expires = entry.expires};
  }
  return std::nullopt;
}

std::vector<std::string> AllClauses(const Catalogue& catalogue,
                                    const std::vector<std::string>& profiles,
                                    const std::string& measure) {
  std::vector<std::string> clauses;
  for (const std::string& id : profiles) {
    const auto profile = catalogue.profiles.find(id);
    if (profile == catalogue.profiles.end()) continue;
    for (std::string& clause : ClausesOf(profile->second, measure)) {
      if (std::find(clauses.begin(), clauses.end(), clause) == clauses.end()) {
        clauses.push_back(std::move(clause));
      }
    }
  }
  return clauses;
}

}  // namespace

std::vector<CheckResult> ResultsOf(const std::vector<CheckOutcome>& outcomes,
                                   const Catalogue& catalogue, const AgentConfig& config,
                                   UnixSeconds now) {
  std::vector<CheckResult> results;
  for (const CheckOutcome& outcome : outcomes) {
    const Check& check = catalogue.checks.at(outcome.check);
    CheckResult result{.measure = check.measure,
                       .clauses = AllClauses(catalogue, outcome.profiles, check.measure),
                       .check = check.id,
                       .severity = check.severity,
                       .row = {},
                       .accepted = std::nullopt};
    for (const RowResult& row : outcome.rows) {
      result.row = row;
      result.accepted = AcceptedBy(config, check.id, row, now);
      results.push_back(result);
    }
  }
  std::stable_sort(results.begin(), results.end(), [](const CheckResult& a, const CheckResult& b) {
    return std::tie(a.measure, a.check, a.row.subject) <
           std::tie(b.measure, b.check, b.row.subject);
  });
  return results;
}

CheckSummary Summarise(const std::vector<CheckResult>& results) {
  CheckSummary summary;
  for (const CheckResult& result : results) {
    size_t& count = result.accepted                                 ? summary.accepted
                    : result.row.verdict == Verdict::kPass          ? summary.pass
                    : result.row.verdict == Verdict::kFail          ? summary.fail
                    : result.row.verdict == Verdict::kNotApplicable ? summary.not_applicable
                                                                    : summary.unknown;
    ++count;
  }
  return summary;
}

int ExitCodeOf(const CheckSummary& summary) {
  if (summary.fail > 0) return kExitSubjectFailed;
  const size_t rows = summary.pass + summary.unknown + summary.not_applicable + summary.accepted;
  return summary.unknown > 0 || rows == 0 ? kExitUnknown : kExitAllPass;
}

}  // namespace tom
