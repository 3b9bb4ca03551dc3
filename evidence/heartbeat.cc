#include "evidence/bundle.h"

namespace tom {

Report ExpandHeartbeat(const Heartbeat& heartbeat, const Branch& before) {
  Report report;
  report.ledger = before.ledger;
  report.host = before.host;
  report.chain = before.chain;
  report.seq = before.seq + 1;
  report.prev = before.tip;
  report.context = before.context;
  report.observed_at = heartbeat.observed_at;
  report.duration_ms = heartbeat.duration_ms;
  report.clock_offset_ms = heartbeat.clock_offset_ms;
  report.anchor = heartbeat.anchor ? heartbeat.anchor : before.anchor;
  for (const std::string& interval : heartbeat.groups) {
    const auto state = before.states.find(interval);
    report.groups[interval] = state == before.states.end() ? Digest() : state->second;
  }
  return report;
}

std::optional<Heartbeat> CollapseReport(const Report& report, const Branch& before) {
  if (!report.IsHeartbeat()) return std::nullopt;
  Heartbeat heartbeat;
  heartbeat.observed_at = report.observed_at;
  heartbeat.duration_ms = report.duration_ms;
  heartbeat.clock_offset_ms = report.clock_offset_ms;
  if (report.anchor != before.anchor) heartbeat.anchor = report.anchor;
  for (const auto& [interval, state] : report.groups) heartbeat.groups.push_back(interval);
  if (ExpandHeartbeat(heartbeat, before) != report) return std::nullopt;
  return heartbeat;
}

}  // namespace tom
