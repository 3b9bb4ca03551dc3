#include "evidence/intervals.h"

#include <algorithm>

namespace tom {
namespace {

VerdictInterval IntervalOf(const Head& head, const Digest& digest, UnixSeconds from) {
  VerdictInterval interval;
  interval.key = KeyOf(head);
  interval.from = from;
  interval.to = kForever;
  interval.verdict = head.verdict;
  interval.scope = head.scope;
  interval.excluded = head.excluded;
  interval.valid_until = head.valid_until;
  interval.head = digest;
  interval.check_digest = head.check_digest;
  return interval;
}

// Where one line's looks vouch: all of them, or those that are anchored.
template <typename Looks>
TimeSet SeenBy(const std::string& interval, const Looks& looks, UnixSeconds end, bool anchored) {
  const int64_t vouched = 2 * IntervalSeconds(interval).value_or(0);
  TimeSet seen;
  for (size_t i = 0; i < looks.size(); ++i) {
    if (anchored && !looks[i].anchored) continue;
    UnixSeconds to = std::min(end, looks[i].at + vouched);
    if (i + 1 < looks.size()) to = std::min(to, looks[i + 1].at);
    seen.Add({looks[i].at, to});
  }
  return seen;
}

// One group over all lines of a host: what some line saw, and where a line that was alive did not
// look.
struct GroupPresence {
  TimeSet seen;
  TimeSet absent;
  TimeSet anchored;
  TimeSet not_anchored;

  void Add(TimeSpan alive_span, const TimeSet& line_seen, const TimeSet& line_anchored) {
    const TimeSet alive(alive_span);
    seen = seen.Union(line_seen);
    absent = absent.Union(alive.Subtract(line_seen));
    anchored = anchored.Union(line_anchored);
    not_anchored = not_anchored.Union(alive.Subtract(line_anchored));
  }
};

}  // namespace

std::vector<VerdictInterval> ApplyExpiry(const VerdictInterval& interval) {
  if (!interval.valid_until || *interval.valid_until >= interval.to) return {interval};
  VerdictInterval after = interval;
  after.verdict = Verdict::kUnknown;
  after.from = std::max(interval.from, *interval.valid_until);
  if (after.from == interval.from) return {after};
  VerdictInterval until = interval;
  until.to = after.from;
  until.end = IntervalEnd::kExpired;
  return {until, after};
}

void IntervalBuilder::Open(const Digest& tip, const std::vector<Head>& heads, UnixSeconds at,
                           const std::map<std::string, std::pair<UnixSeconds, bool>>& looks) {
  Line line;
  line.from = at;
  for (const Head& head : heads) {
    line.open[KeyOf(head)] = IntervalOf(head, HeadDigest(head), std::min(head.since, at));
  }
  for (const auto& [interval, look] : looks) {
    line.looks[interval].push_back({look.first, look.second});
    line.from = std::min(line.from, look.first);
  }
  tips_[tip] = std::move(line);
}

std::optional<IntervalBuilder::Line> IntervalBuilder::Extend(const Digest& prev) {
  auto node = tips_.extract(prev);
  if (!node.empty()) {
    if (forks_.contains(prev)) kept_[prev] = node.mapped();
    return std::move(node.mapped());
  }
  const auto kept = kept_.find(prev);
  if (kept == kept_.end()) return std::nullopt;
  return kept->second;
}

// A verdict that came and went within one second of counted time (as when looks that count nothing
// pile up at one moment) keeps that second, so that no `fail` is lost.
void IntervalBuilder::Close(VerdictInterval interval, UnixSeconds at, IntervalEnd end) {
  interval.to = std::max(interval.from + 1, at);
  interval.end = end;
  done_.push_back(std::move(interval));
}

IntervalBuilder::Line IntervalBuilder::TakeOver(const std::vector<Digest>& tips,
                                                const ReplayStep& step) {
  std::map<RowKey, Digest> opened;
  for (const Head& head : step.opened) opened[KeyOf(head)] = HeadDigest(head);
  Line line;
  line.from = step.counted.time;
  for (const Digest& tip : tips) {
    auto node = tips_.extract(tip);
    if (node.empty()) continue;
    Line& old = node.mapped();
    old.to = step.counted.time;
    for (auto& [key, interval] : old.open) {
      const auto same = opened.find(key);
      if (same == opened.end()) {
        Close(std::move(interval), old.to, IntervalEnd::kChainEnd);
      } else if (same->second != interval.head) {
        Close(std::move(interval), old.to, IntervalEnd::kReplaced);
      } else if (const auto kept = line.open.find(key); kept == line.open.end()) {
        line.open[key] = std::move(interval);
      } else {
        kept->second.from = std::min(kept->second.from, interval.from);
      }
    }
    old.open.clear();
    ended_.push_back(std::move(old));
  }
  return line;
}

void IntervalBuilder::ApplyRows(const ReplayStep& step, Line& line) {
  std::map<RowKey, Digest> opened;
  for (const Head& head : step.opened) opened[KeyOf(head)] = HeadDigest(head);
  for (const Head& head : step.closed) {
    const auto open = line.open.find(KeyOf(head));
    if (open == line.open.end()) continue;
    IntervalEnd end = IntervalEnd::kRemoved;
    if (opened.contains(open->first)) {
      end = IntervalEnd::kReplaced;
    } else if (std::find(step.undemanded.begin(), step.undemanded.end(), open->second.head) !=
               step.undemanded.end()) {
      end = IntervalEnd::kUndemanded;
    }
    Close(std::move(open->second), step.counted.time, end);
    line.open.erase(open);
  }
  for (const Head& head : step.opened) {
    const RowKey key = KeyOf(head);
    if (line.open.contains(key))
      continue;  // an equal head keeps the interval it had in the chain before
    line.open[key] = IntervalOf(head, opened[key], step.counted.time);
  }
}

bool IntervalBuilder::Add(const ReplayStep& step, const std::optional<Digest>& prev,
                          const std::vector<Digest>& continues) {
  Line line;
  if (prev) {
    std::optional<Line> extended = Extend(*prev);
    if (!extended) return false;
    line = *std::move(extended);
  } else {
    line = TakeOver(continues, step);
  }
  ApplyRows(step, line);
  if (step.counted.covers) {
    for (const std::string& interval : step.looked) {
      line.looks[interval].push_back({step.counted.time, step.counted.anchored});
    }
  }
  tips_[step.branch.tip] = std::move(line);
  return true;
}

std::vector<VerdictInterval> IntervalBuilder::Verdicts() const {
  std::vector<VerdictInterval> all;
  const auto add = [&](const VerdictInterval& interval) {
    for (VerdictInterval& part : ApplyExpiry(interval)) all.push_back(std::move(part));
  };
  for (const VerdictInterval& interval : done_) add(interval);
  for (const auto& [tip, line] : tips_) {
    for (const auto& [key, interval] : line.open) add(interval);
  }
  return all;
}

std::vector<PresenceInterval> IntervalBuilder::Presence() const {
  std::map<std::string, GroupPresence> groups;
  const auto add = [&](const Line& line) {
    for (const auto& [interval, looks] : line.looks) {
      groups[interval].Add({line.from, line.to}, SeenBy(interval, looks, line.to, false),
                           SeenBy(interval, looks, line.to, true));
    }
  };
  for (const auto& [tip, line] : tips_) add(line);
  for (const Line& line : ended_) add(line);
  std::vector<PresenceInterval> all;
  for (const auto& [interval, group] : groups) {
    const TimeSet anchored = group.anchored.Subtract(group.not_anchored);
    const TimeSet rest = group.seen.Subtract(group.absent).Subtract(anchored);
    for (const TimeSpan& span : anchored.spans()) {
      all.push_back({interval, span.from, span.to, true});
    }
    for (const TimeSpan& span : rest.spans()) all.push_back({interval, span.from, span.to, false});
  }
  return all;
}

}  // namespace tom
