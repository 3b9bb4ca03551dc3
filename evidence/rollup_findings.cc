#include <algorithm>
#include <array>

#include "evidence/rollup_parts.h"

namespace tom::rollup {
namespace {

// A verdict interval begins or ends.
struct Event {
  UnixSeconds time;
  bool begins;
  const VerdictInterval* row;
};

// At one moment what ends goes before what begins, so a replaced verdict never looks absent: the
// caller acts once all events of a moment are taken.
std::vector<Event> EventsOf(const std::vector<const VerdictInterval*>& rows) {
  std::vector<Event> events;
  events.reserve(2 * rows.size());
  for (const VerdictInterval* row : rows) {
    if (row->to <= row->from) continue;
    events.push_back({row->from, true, row});
    if (row->to != kForever) events.push_back({row->to, false, row});
  }
  std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return std::pair(a.time, a.begins) < std::pair(b.time, b.begins);
  });
  return events;
}

// Follows one row through time: a finding opens with `fail` and closes by a later `pass`, or by
// removal after it was `unknown` ("gone"). A row dropped with its rules or its chain closes once
// its check is wholly good on that host.
class RowStory {
 public:
  RowStory(const HostEvidence& host, const TimeSet& good, UnixSeconds period_from)
      : host_(host), good_(good), period_from_(period_from) {}

  std::vector<Finding> Tell(const std::vector<const VerdictInterval*>& rows) {
    key_ = rows.front()->key;
    const std::vector<Event> events = EventsOf(rows);
    for (size_t i = 0; i < events.size();) {
      const UnixSeconds now = events[i].time;
      for (; i < events.size() && events[i].time == now; ++i) Take(events[i]);
      Judge(now);
    }
    if (open_ && fade_) CloseFaded(kForever);
    if (open_) findings_.push_back(*open_);
    return std::move(findings_);
  }

  // The worst verdict at the end of time, if the row still stands.
  std::optional<Verdict> Worst() const {
    for (int verdict = 3; verdict >= 0; --verdict) {
      if (count_[verdict] > 0) return static_cast<Verdict>(verdict);
    }
    return std::nullopt;
  }

 private:
  void Take(const Event& event) {
    int& count = count_[static_cast<size_t>(event.row->verdict)];
    count += event.begins ? 1 : -1;
    if (event.row->verdict == Verdict::kFail) failing_[event.row->head] += event.begins ? 1 : -1;
    if (!event.begins) last_ = event.row;
  }

  void Judge(UnixSeconds now) {
    const std::optional<Verdict> worst = Worst();
    if (fade_) CloseFaded(now);
    if (worst && fade_) fade_.reset();
    if (worst == Verdict::kFail && !open_) Open(now);
    if (!open_) return;
    if (worst == Verdict::kFail && now <= period_from_) open_->head = Failing();
    if (worst == Verdict::kPass) Close(now, false);
    if (!worst) Vanish(now);
  }

  void Open(UnixSeconds now) {
    open_ = Finding();
    open_->host = host_.host;
    open_->system = host_.system;
    open_->key = key_;
    open_->opened_at = now;
    open_->head = Failing();
  }

  // Of the heads that fail now, the same one whatever the order they came in.
  const Digest& Failing() {
    std::erase_if(failing_, [](const auto& head) { return head.second == 0; });
    return failing_.begin()->first;
  }

  void Close(UnixSeconds at, bool removed) {
    open_->closed_at = at;
    open_->removed = removed;
    findings_.push_back(*open_);
    open_.reset();
    fade_.reset();
  }

  void Vanish(UnixSeconds now) {
    if (last_->verdict == Verdict::kUnknown) {
      Close(now, true);
    } else if (last_->end == IntervalEnd::kUndemanded || last_->end == IntervalEnd::kChainEnd) {
      fade_ = now;
    }
  }

  void CloseFaded(UnixSeconds before) {
    for (const TimeSpan& span : good_.spans()) {
      const UnixSeconds at = std::max(span.from, *fade_);
      if (at >= span.to || at >= before) continue;
      Close(at, true);
      return;
    }
  }

  const HostEvidence& host_;
  const TimeSet& good_;
  const UnixSeconds period_from_;
  RowKey key_;
  std::array<int, 4> count_{};
  std::map<Digest, int> failing_;  // lines in which each head fails
  const VerdictInterval* last_ = nullptr;
  std::optional<Finding> open_;
  std::optional<UnixSeconds> fade_;
  std::vector<Finding> findings_;
};

// Where the check has a `pass` on that host, and neither `fail` nor `unknown`.
TimeSet GoodTimes(const HostEvidence& host, const std::string& interval,
                  const std::vector<const VerdictInterval*>& rows) {
  TimeSet pass;
  TimeSet bad;
  for (const VerdictInterval* row : rows) {
    const TimeSpan span{row->from, row->to};
    if (row->verdict == Verdict::kPass) pass.Add(span);
    if (row->verdict == Verdict::kFail || row->verdict == Verdict::kUnknown) bad.Add(span);
  }
  return pass.Subtract(bad).Intersect(SpansOf(host.presence, interval));
}

std::map<std::string, AskedCheck> AskedChecks(const RulesInForce& rules) {
  std::map<std::string, AskedCheck> asked;
  for (const Rules& in_force : rules.rules) {
    for (const DemandedCheck& demanded : in_force.checks) {
      if (demanded.observed) continue;
      AskedCheck& check = asked[demanded.check->id];
      check.check = demanded.check;
      check.times = check.times.Union(in_force.times);
    }
  }
  for (const Rules& in_force : rules.rules) {
    for (const auto& [id, check] : in_force.observed) {
      const auto found = asked.find(id);
      if (found != asked.end()) found->second.trial = found->second.trial.Union(in_force.times);
    }
  }
  return asked;
}

// The rows outside `without`, in their order.
std::vector<VerdictInterval> CutOut(const std::vector<const VerdictInterval*>& rows,
                                    const TimeSet& without) {
  std::vector<VerdictInterval> left;
  for (const VerdictInterval* row : rows) {
    const TimeSet spans = TimeSet(TimeSpan{row->from, row->to}).Subtract(without);
    for (const TimeSpan& span : spans.spans()) {
      left.push_back(*row);
      left.back().from = span.from;
      left.back().to = span.to;
    }
  }
  return left;
}

// Rows of another profile do not bear on this one; those that no piece explains do.
bool Concerns(const HostEvidence& host, const RowKey& key, const std::string& profile) {
  const auto piece = host.params.find(ParamsKey(key.check, key.params));
  if (piece == host.params.end()) return true;
  const auto& profiles = piece->second.profiles;
  return std::binary_search(profiles.begin(), profiles.end(), profile);
}

class HostFindings {
 public:
  HostFindings(const RollupInput& input, const HostEvidence& host, FindingsByMeasure& result)
      : input_(input), host_(host), result_(result) {}

  void Add(const AskedCheck& asked, const std::vector<const VerdictInterval*>& all) {
    if (asked.trial.Empty()) return AddCounting(asked, all);
    const std::vector<VerdictInterval> counting = CutOut(all, asked.trial);
    std::vector<const VerdictInterval*> rows;
    rows.reserve(counting.size());
    for (const VerdictInterval& row : counting) rows.push_back(&row);
    AddCounting(asked, rows);
  }

 private:
  void AddCounting(const AskedCheck& asked, const std::vector<const VerdictInterval*>& rows) {
    const TimeSet good = GoodTimes(host_, asked.check->interval, rows);
    std::vector<const VerdictInterval*> mine;
    std::map<Digest, bool> concerns;  // by params
    for (const VerdictInterval* row : rows) {
      if (row->from >= input_.period.to) continue;
      auto [known, fresh] = concerns.try_emplace(row->key.params, false);
      if (fresh) known->second = Concerns(host_, row->key, input_.profile);
      if (known->second) mine.push_back(row);
    }
    std::stable_sort(mine.begin(), mine.end(),
                     [](const auto* a, const auto* b) { return a->key < b->key; });
    for (auto first = mine.begin(); first != mine.end();) {
      const auto last = std::find_if(first, mine.end(),
                                     [&](const auto* row) { return row->key != (*first)->key; });
      AddRow(asked, good, {first, last});
      first = last;
    }
  }

  void AddRow(const AskedCheck& asked, const TimeSet& good,
              const std::vector<const VerdictInterval*>& rows) {
    FindingsOfMeasure& measure = result_[asked.check->measure];
    CountAtEnd(rows, measure);
    const bool fails = std::any_of(rows.begin(), rows.end(), [](const VerdictInterval* row) {
      return row->verdict == Verdict::kFail;
    });
    if (!fails) return;
    RowStory story(host_, good, input_.period.from);
    for (Finding& finding : story.Tell(rows)) {
      if (finding.closed_at > input_.period.to) finding.closed_at = kForever;
      if (asked.times.Intersect(TimeSet({finding.opened_at, finding.closed_at})).Empty()) continue;
      finding.measure = asked.check->measure;
      finding.severity = asked.check->severity;
      CompleteFinding(input_, finding);
      measure.findings.push_back(std::move(finding));
    }
  }

  void CountAtEnd(const std::vector<const VerdictInterval*>& rows, FindingsOfMeasure& measure) {
    Verdict worst = Verdict::kNotApplicable;
    const UnixSeconds end = input_.period.to - 1;
    for (const VerdictInterval* row : rows) {
      if (row->from <= end && end < row->to) worst = std::max(worst, row->verdict);
    }
    if (worst == Verdict::kFail) ++measure.failing;
    if (worst == Verdict::kUnknown) ++measure.unknown;
  }

  const RollupInput& input_;
  const HostEvidence& host_;
  FindingsByMeasure& result_;
};

}  // namespace

void CompleteFinding(const RollupInput& input, Finding& finding) {
  const Json identity = Json::Object{{"check", finding.key.check},
                                     {"host", finding.host},
                                     {"opened_at", FormatUtc(finding.opened_at)},
                                     {"params", finding.key.params.Hex()},
                                     {"subject_id", finding.key.subject_id}};
  finding.id = CanonicalDigest(identity).Hex().substr(0, 32);
  const Profile* profile = ProfileAt(input, std::max(finding.opened_at, input.period.from));
  if (profile == nullptr && !input.profiles.empty()) profile = &input.profiles.front().value;
  finding.due_at = finding.opened_at;  // no time to remedy promised: none granted
  if (profile == nullptr) return;
  const auto remedy = profile->thresholds.remedy_seconds.find(finding.severity);
  if (remedy != profile->thresholds.remedy_seconds.end()) finding.due_at += remedy->second;
}

FailureCollector::FailureCollector(const RollupInput& input, const RulesInForce& rules)
    : input_(input), asked_(AskedChecks(rules)) {}

void FailureCollector::Add(const HostEvidence& host, const CheckRows& rows) {
  HostFindings findings(input_, host, measures_);
  for (const auto& [check, of_check] : rows) {
    const auto found = asked_.find(check);
    if (found != asked_.end()) findings.Add(found->second, of_check);
  }
}

}  // namespace tom::rollup
