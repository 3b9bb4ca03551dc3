#include "evidence/replay.h"

#include <algorithm>
#include <set>

#include "evidence/status_text.h"

namespace tom {
namespace {

using Demanded = std::set<std::pair<std::string, Digest>>;

// One application of a report; the members are what its rules look at.
class Application {
 public:
  explicit Application(const ReplayInput& input)
      : in_(input), report_(*input.report), before_(input.before) {}

  absl::StatusOr<ReplayStep> Run() {
    TOM_RETURN_IF_ERROR(CheckPlace());
    TOM_RETURN_IF_ERROR(CheckAnchor());
    TOM_RETURN_IF_ERROR(CheckGroups());
    if (report_.changed_blob && in_.changed_list == nullptr) {
      return BadData("predicate.changed_blob: the list is not known");
    }
    if (NewContext() || !report_.IsHeartbeat()) {
      TOM_RETURN_IF_ERROR(ReadDemand());
      TOM_RETURN_IF_ERROR(TakeRemoved());
      TOM_RETURN_IF_ERROR(TakeChanged());
      TOM_RETURN_IF_ERROR(CheckChangedGroups());
      JudgeUndemanded();
    }
    TOM_RETURN_IF_ERROR(CheckUnchangedGroups());
    Finish();
    return std::move(step_);
  }

 private:
  bool NewContext() const { return before_ == nullptr || before_->context != report_.context; }

  absl::Status CheckPlace() const {
    if (before_ == nullptr) {
      if (report_.seq != 0 || report_.prev) return BadData("predicate.prev: not known");
      return absl::OkStatus();
    }
    if (report_.ledger != before_->ledger) return BadData("predicate.ledger: another ledger's");
    if (report_.host != before_->host) return BadData("predicate.host: another host's");
    if (report_.chain != before_->chain) return BadData("predicate.chain: another chain's");
    if (report_.seq != before_->seq + 1) return BadData("predicate.seq: does not follow");
    if (report_.prev != before_->tip) return BadData("predicate.prev: does not follow");
    return absl::OkStatus();
  }

  absl::Status CheckAnchor() const {
    if (before_ == nullptr || !before_->anchor) return absl::OkStatus();
    if (!report_.anchor) return BadData("predicate.anchor: left out although one is known");
    if (report_.anchor->size < before_->anchor->size) {
      return BadData("predicate.anchor.size: smaller than the predecessor's");
    }
    if (report_.anchor->size == before_->anchor->size &&
        report_.anchor->root != before_->anchor->root) {
      return BadData("predicate.anchor.root: another tree of the predecessor's size");
    }
    return absl::OkStatus();
  }

  absl::Status CheckGroups() {
    for (const auto& [interval, state] : report_.groups) {
      const auto group = in_.context->groups.find(interval);
      if (group == in_.context->groups.end()) {
        return BadData("subject: the context has no group/" + interval);
      }
      for (const std::string& check : group->second) group_of_.emplace(check, interval);
      step_.looked.push_back(interval);
    }
    if (!NewContext()) return absl::OkStatus();
    for (const auto& [interval, checks] : in_.context->groups) {
      if (!report_.groups.contains(interval)) {
        return BadData("subject: group/" + interval + " missing; a chain's first report and one " +
                       "with a new context look at every group");
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadDemand() {
    demanded_ = Demanded(in_.demanded.begin(), in_.demanded.end());
    std::set<std::string> with_params;
    for (const auto& [check, params] : demanded_) with_params.insert(check);
    for (const auto& [check, interval] : group_of_) {
      if (!with_params.contains(check) && in_.withheld == 0) {
        return BadData("predicate.context: no params piece for " + check);
      }
    }
    return absl::OkStatus();
  }

  const Head* CurrentHead(const Digest& digest) const {
    if (before_ == nullptr || in_.current == nullptr) return nullptr;
    const auto found = in_.current->find(digest);
    return found == in_.current->end() ? nullptr : &found->second;
  }

  absl::Status TakeRemoved() {
    for (const Digest& digest : report_.removed) {
      const Head* head = CurrentHead(digest);
      if (head == nullptr) {
        return BadData("predicate.removed: " + digest.Hex() + ": not in the state");
      }
      if (!NewContext() && !group_of_.contains(head->check)) {
        return BadData("predicate.removed: " + digest.Hex() + ": of a group not looked at");
      }
      removed_by_key_.emplace(KeyOf(*head), head);
      if (const auto group = group_of_.find(head->check); group != group_of_.end()) {
        touched_.insert(group->second);
      }
      if (!demanded_.contains({head->check, head->params})) not_asked_.emplace(digest, head);
      step_.closed.push_back(*head);
    }
    return absl::OkStatus();
  }

  void ReadContinued() {
    for (const std::map<Digest, Head>* heads : in_.continued) {
      for (const auto& [digest, head] : *heads) {
        continued_since_.insert({KeyOf(head), {head.verdict, head.since}});
      }
    }
  }

  absl::Status TakeChanged() {
    if (before_ == nullptr) ReadContinued();
    const std::vector<Digest>& changed = report_.changed_blob ? *in_.changed_list : report_.changed;
    step_.opened.reserve(changed.size());
    for (const Digest& digest : changed) {
      const std::string where = "predicate.changed: " + digest.Hex();
      const Head* head = in_.lookup ? in_.lookup(digest) : nullptr;
      if (head == nullptr) return BadData(where + ": its head is not known");
      if (CurrentHead(digest) != nullptr) return BadData(where + ": in the state already");
      const auto group = group_of_.find(head->check);
      if (group == group_of_.end()) return BadData(where + ": of a group not looked at");
      touched_.insert(group->second);
      if (const absl::Status since = CheckSince(*head); !since.ok()) return Annotate(since, where);
      step_.opened.push_back(*head);
      new_heads_.emplace(digest, head);
    }
    return absl::OkStatus();
  }

  absl::Status CheckSince(const Head& head) const {
    if (before_ == nullptr) return CheckFirstSince(head);
    const auto old = removed_by_key_.find(KeyOf(head));
    const bool same = old != removed_by_key_.end() && old->second->verdict == head.verdict;
    if (head.since == (same ? old->second->since : report_.observed_at)) return absl::OkStatus();
    return BadData(same ? "since: not that of the head before with the same verdict"
                        : "since: a new verdict begins at observed_at");
  }

  // An agent that has lost its rows but not its tip begins anew, so observed_at is always right
  // here.
  absl::Status CheckFirstSince(const Head& head) const {
    if (head.since == report_.observed_at) return absl::OkStatus();
    if (head.since < report_.observed_at && in_.continued.size() < report_.continues.size()) {
      return absl::OkStatus();
    }
    if (continued_since_.count({KeyOf(head), {head.verdict, head.since}}) > 0) {
      return absl::OkStatus();
    }
    return BadData("since: no continued chain had this verdict from then on");
  }

  // The heads in force after the report, of the groups in which something changed.
  absl::Status CheckChangedGroups() {
    std::map<std::string, std::vector<Digest>> digests;
    std::set<RowKey> keys;
    const bool all = NewContext();
    if (all) touched_ = {step_.looked.begin(), step_.looked.end()};
    const std::set<Digest> removed(report_.removed.begin(), report_.removed.end());
    const auto take = [&](const Digest& digest, const Head& head) {
      const auto group = group_of_.find(head.check);
      if (group == group_of_.end()) {
        return all ? BadData("predicate.removed: misses " + digest.Hex() + ", a row of " +
                             head.check + " that the context does not name")
                   : absl::OkStatus();
      }
      if (!touched_.contains(group->second)) return absl::OkStatus();
      digests[group->second].push_back(digest);
      return CheckRowAgainstContext(digest, head, keys);
    };
    if (before_ != nullptr && in_.current != nullptr) {
      for (const auto& [digest, head] : *in_.current) {
        if (!removed.contains(digest)) TOM_RETURN_IF_ERROR(take(digest, head));
      }
    }
    for (const auto& [digest, head] : new_heads_) TOM_RETURN_IF_ERROR(take(digest, *head));
    TOM_RETURN_IF_ERROR(CheckEveryDemand());
    return CheckStates(digests);
  }

  absl::Status CheckRowAgainstContext(const Digest& digest, const Head& head,
                                      std::set<RowKey>& keys) {
    if (!keys.insert(KeyOf(head)).second) {
      return BadData("predicate.changed: " + digest.Hex() + ": a second head of " + head.check +
                     " " + head.subject_id);
    }
    const auto demand = demanded_.find({head.check, head.params});
    if (demand == demanded_.end()) {
      hidden_.emplace(head.check, head.params);
      if (hidden_.size() <= in_.withheld) return absl::OkStatus();
      return BadData("predicate.context: does not name params " + head.params.Hex() + " of " +
                     head.check);
    }
    answered_.insert(*demand);
    return absl::OkStatus();
  }

  // With every group looked at, as many hidden sets of parameters as are withheld are all there
  // are.
  void JudgeUndemanded() {
    const bool all_known = in_.withheld == 0 || (NewContext() && hidden_.size() == in_.withheld);
    for (const auto& [digest, head] : not_asked_) {
      if (all_known && !hidden_.contains({head->check, head->params})) {
        step_.undemanded.push_back(digest);
      }
    }
  }

  absl::Status CheckEveryDemand() const {
    for (const auto& demand : demanded_) {
      const auto group = group_of_.find(demand.first);
      if (group == group_of_.end() || !touched_.contains(group->second)) continue;
      if (!answered_.contains(demand)) {
        return BadData("predicate.changed: no row of " + demand.first + " under params " +
                       demand.second.Hex());
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckStates(const std::map<std::string, std::vector<Digest>>& digests) const {
    for (const std::string& interval : touched_) {
      const auto found = digests.find(interval);
      const Digest state =
          GroupState(found == digests.end() ? std::vector<Digest>() : found->second);
      if (state != report_.groups.at(interval)) {
        return BadData("subject: group/" + interval + ": the state is not that of its heads");
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckUnchangedGroups() const {
    for (const auto& [interval, state] : report_.groups) {
      if (touched_.contains(interval)) continue;
      const auto known = before_->states.find(interval);
      if (known == before_->states.end() || known->second != state) {
        return BadData("subject: group/" + interval +
                       ": the state changed without changed or removed");
      }
    }
    return absl::OkStatus();
  }

  void Finish() {
    Branch& branch = step_.branch;
    if (before_ != nullptr) branch = *before_;
    branch.ledger = report_.ledger;
    branch.host = report_.host;
    branch.chain = report_.chain;
    branch.seq = report_.seq;
    branch.tip = in_.digest;
    branch.context = report_.context;
    branch.anchor = report_.anchor;
    if (NewContext()) branch.states.clear();
    for (const auto& [interval, state] : report_.groups) branch.states[interval] = state;
    CountStep(before_, report_.observed_at, in_.time, in_.anchor_max_seconds, step_);
    std::erase_if(branch.looks,
                  [&](const auto& look) { return !branch.states.contains(look.first); });
  }

  const ReplayInput& in_;
  const Report& report_;
  const Branch* before_;
  ReplayStep step_;
  std::map<std::string, std::string> group_of_;  // check -> interval, of the groups looked at
  Demanded demanded_;
  Demanded answered_;
  Demanded hidden_;                          // of rows in force, named by no piece that is shown
  std::map<Digest, const Head*> not_asked_;  // removed, and named by no piece that is shown
  std::map<RowKey, const Head*> removed_by_key_;
  std::set<std::pair<RowKey, std::pair<Verdict, UnixSeconds>>> continued_since_;
  std::map<Digest, const Head*> new_heads_;
  std::set<std::string> touched_;  // intervals in which something changed
};

}  // namespace

RowKey KeyOf(const Head& head) { return {head.check, head.params, head.subject_id}; }

absl::StatusOr<ReplayStep> ApplyReport(const ReplayInput& input) {
  return Application(input).Run();
}

}  // namespace tom
