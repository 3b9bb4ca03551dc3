#include <algorithm>
#include <map>

#include "collector/assessment/assemble.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct Group {
  TimeSet seen;
  TimeSet absent;
  TimeSet anchored;
  TimeSet not_anchored;
};

struct Line {
  TimeSpan alive{kForever, kForever};
  std::map<std::string, TimeSet> seen;
  std::map<std::string, TimeSet> anchored;
};

// `to` of a line that another continues: the first look of that one.
void EndLines(const std::vector<BranchRow>& branches, std::map<int64_t, Line>& lines) {
  for (const BranchRow& branch : branches) {
    if (branch.continued_by == 0) continue;
    const auto next = lines.find(branch.continued_by);
    if (next != lines.end()) lines[branch.id].alive.to = next->second.alive.from;
  }
}

// What a branch saw up to the look that its fork goes on from.
absl::StatusOr<Line> CutAtFork(const StoreView& view, const BranchRow& fork, const Line& parent) {
  TOM_ASSIGN_OR_RETURN(const Branch base, view.BranchAt(fork.parent, fork.from_seq - 1));
  Line line;
  line.alive.from = parent.alive.from;
  for (const auto& [group, counted] : base.looks) {
    const TimeSet until(TimeSpan{0, counted + 2 * IntervalSeconds(group).value_or(0)});
    const auto seen = parent.seen.find(group);
    const auto held = parent.anchored.find(group);
    if (seen != parent.seen.end()) line.seen[group] = seen->second.Intersect(until);
    if (held != parent.anchored.end()) line.anchored[group] = held->second.Intersect(until);
  }
  return line;
}

// A fork's line is that of its parent up to there: from then on both have to look.
absl::Status AddForks(const StoreView& view, const std::vector<BranchRow>& branches,
                      std::map<int64_t, Line>& lines) {
  for (const BranchRow& branch : branches) {
    const auto parent = lines.find(branch.parent);
    if (branch.parent == 0 || parent == lines.end()) continue;
    TOM_ASSIGN_OR_RETURN(const Line before, CutAtFork(view, branch, parent->second));
    Line& line = lines[branch.id];
    line.alive.from = std::min(line.alive.from, before.alive.from);
    for (const auto& [group, times] : before.seen) {
      line.seen[group] = line.seen[group].Union(times);
    }
    for (const auto& [group, times] : before.anchored) {
      line.anchored[group] = line.anchored[group].Union(times);
    }
  }
  return absl::OkStatus();
}

TimeSet Within(const TimeSet& times, TimeSpan span) { return times.Intersect(TimeSet(span)); }

}  // namespace

absl::StatusOr<std::vector<PresenceInterval>> HostPresence(const StoreView& view,
                                                           const std::string& host, TimeSpan span) {
  TOM_ASSIGN_OR_RETURN(const std::vector<BranchRow> branches, view.Branches(host));
  TOM_ASSIGN_OR_RETURN(const std::vector<PresenceRow> presence, view.Presence(host, {0, span.to}));
  TOM_ASSIGN_OR_RETURN(const std::vector<AnchoredRow> anchored, view.Anchored(host, {0, span.to}));
  std::map<int64_t, Line> lines;
  for (const PresenceRow& row : presence) {
    Line& line = lines[row.branch];
    line.alive.from = std::min(line.alive.from, row.from);
    if (row.looks > 0) line.seen[row.group].Add({row.from, row.until});
  }
  for (const AnchoredRow& row : anchored) {
    lines[row.branch].anchored[row.group].Add({row.from, row.until});
  }
  TOM_RETURN_IF_ERROR(AddForks(view, branches, lines));
  EndLines(branches, lines);
  std::map<std::string, Group> groups;
  for (auto& [id, line] : lines) {
    for (const auto& [name, times] : line.seen) {
      Group& group = groups[name];
      const TimeSet alive(line.alive);
      const TimeSet seen = Within(times, line.alive);
      const TimeSet held = Within(line.anchored[name], line.alive);
      group.seen = group.seen.Union(seen);
      group.absent = group.absent.Union(alive.Subtract(seen));
      group.anchored = group.anchored.Union(held);
      group.not_anchored = group.not_anchored.Union(alive.Subtract(held));
    }
  }
  std::vector<PresenceInterval> all;
  for (const auto& [name, group] : groups) {
    const TimeSet held = group.anchored.Subtract(group.not_anchored);
    const TimeSet rest = group.seen.Subtract(group.absent).Subtract(held);
    const TimeSet held_within = Within(held, span);
    const TimeSet rest_within = Within(rest, span);
    for (const TimeSpan& part : held_within.spans()) {
      all.push_back({name, part.from, part.to, true});
    }
    for (const TimeSpan& part : rest_within.spans()) {
      all.push_back({name, part.from, part.to, false});
    }
  }
  return all;
}

}  // namespace tom
