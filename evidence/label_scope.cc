#include <algorithm>
#include <set>

#include "evidence/rollup.h"

namespace tom {
namespace {

using Scope = std::vector<std::string>;

Scope OrShared(const Scope& controllers) {
  return controllers.empty() ? Scope{"shared"} : controllers;
}

// `row` cut where the default scope changes under it.
void Split(const std::vector<InForce<Scope>>& defaults, const VerdictInterval& row,
           std::vector<VerdictInterval>& out) {
  std::set<Scope> past = {OrShared(defaults.front().value)};
  VerdictInterval rest = row;
  for (size_t i = 1; i < defaults.size(); ++i) {
    const Scope now = OrShared(defaults[i].value);
    const UnixSeconds at = defaults[i].acts_at;
    const bool moves = past.contains(row.scope) && rest.scope != now;
    past.insert(now);
    if (!moves || at >= row.to) continue;
    if (at > rest.from) {
      VerdictInterval before = rest;
      before.to = at;
      before.end = IntervalEnd::kReplaced;
      out.push_back(std::move(before));
      rest.from = at;
    }
    rest.scope = now;
  }
  out.push_back(std::move(rest));
}

}  // namespace

void ApplyLabels(HostEvidence& host) {
  if (host.controllers.size() < 2) return;
  std::vector<VerdictInterval> split;
  split.reserve(host.verdicts.size());
  for (const VerdictInterval& row : host.verdicts) Split(host.controllers, row, split);
  host.verdicts = std::move(split);
}

}  // namespace tom
