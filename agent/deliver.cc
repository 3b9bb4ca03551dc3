#include "agent/deliver.h"

#include <algorithm>

#include "agent/anchor_store.h"
#include "agent/catalogue_store.h"
#include "agent/state_file.h"
#include "evidence/canonical_json.h"
#include "evidence/limits.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxHintBytes = 16 << 10;

struct Delivery {
  const StateDir& state;
  const EnrolmentFacts& facts;
  const Trust& trust;
  const DeliverOptions& options;
  ReportingClient& client;
  DeliverResult result;

  void Notice(std::string_view where, const absl::Status& status) {
    result.notices.push_back(std::string(where) + ": " + std::string(status.message()));
  }
};

// The time-stamp authorities of the catalogue in force.
std::vector<std::string> FetchCatalogue(Delivery& run) {
  absl::StatusOr<HeldCatalogue> held =
      UpdateCatalogue(run.state, run.trust, run.client, run.options.now);
  if (!held.ok()) {
    run.Notice("catalogue", held.status());
    held = LoadCatalogue(run.state, run.trust);
  }
  if (!held.ok()) return {};
  run.result.catalogue_version = held->version;
  return held->catalogue.authorities;
}

bool AnchorIsDue(const Delivery& run, const HeldAnchor& anchor,
                 const std::optional<ChainState>& last) {
  const UnixSeconds now = run.options.now;
  if (anchor.stamped.empty() || anchor.fetched_at > now) return true;
  if (now - anchor.fetched_at >= run.options.anchor_age_seconds) return true;
  return last && now - last->observed_at > limits::kStampEverySeconds;
}

// What opening the spool found damaged and put aside. Only the first opening finds it, whichever
// that is.
void NoteDamage(Delivery& run, const Spool& spool) {
  run.result.notices.insert(run.result.notices.end(), spool.notices().begin(),
                            spool.notices().end());
}

absl::Status FetchAnchor(Delivery& run) {
  std::optional<ChainState> last;
  {
    TOM_ASSIGN_OR_RETURN(const Spool spool, Spool::Open(run.state, run.options.send.bounds,
                                                        run.options.send.lock_wait_seconds));
    NoteDamage(run, spool);
    last = spool.state();
  }
  TOM_ASSIGN_OR_RETURN(const HeldAnchor held, LoadAnchor(run.state, run.trust));
  const std::vector<std::string> authorities = FetchCatalogue(run);
  if (!AnchorIsDue(run, held, last)) return absl::OkStatus();
  const absl::StatusOr<AnchorUpdate> update =
      UpdateAnchor(run.state, run.trust, run.facts.host, authorities, run.client, run.options.now);
  if (!update.ok()) {
    run.Notice("anchor", update.status());
  } else if (!update->notice.empty()) {
    run.result.notices.push_back("anchor: " + update->notice);
  }
  return absl::OkStatus();
}

absl::StatusOr<HostView> ViewOf(const Delivery& run, const Cycle& cycle) {
  HostView host;
  TOM_ASSIGN_OR_RETURN(host.salt_key, run.state.Secret("salt.key"));
  host.controllers = run.facts.controllers;
  host.scopes = cycle.scopes;
  host.exclusions = cycle.exclusions;
  return host;
}

CycleHint LoadHint(const StateDir& state) {
  const absl::StatusOr<std::string> bytes = ReadStateFile(state.File("hint.json"), kMaxHintBytes);
  return bytes.ok() ? ParseHint(*bytes) : CycleHint();
}

absl::Status Sign(Delivery& run, const Cycle& cycle) {
  TOM_ASSIGN_OR_RETURN(const HostView host, ViewOf(run, cycle));
  TOM_ASSIGN_OR_RETURN(const PrivateKey identity, run.state.Key("identity.key"));
  TOM_ASSIGN_OR_RETURN(const BuiltContext context,
                       BuildContext(host, cycle.source, cycle.look.observed_at));
  TOM_ASSIGN_OR_RETURN(const HeldAnchor anchor, LoadAnchor(run.state, run.trust));
  TOM_ASSIGN_OR_RETURN(Spool spool, Spool::Open(run.state, run.options.send.bounds,
                                                run.options.send.lock_wait_seconds));
  NoteDamage(run, spool);
  const SigningInput input{run.facts,  identity,           host,        context,
                           cycle.look, anchor.ForReport(), anchor.token};
  TOM_ASSIGN_OR_RETURN(SignedLook signed_look, SignLook(run.state, input, spool));
  run.result.report = std::move(signed_look.report);
  run.result.lost = !run.result.report.has_value();
  run.result.every_group = signed_look.every_group;
  if (signed_look.every_group) {
    run.result.notices.emplace_back(
        "more changed than one report can say: the next look is at every group");
  }
  return absl::OkStatus();
}

absl::Status WriteHint(const Delivery& run) {
  CycleHint hint;
  hint.retry_at = std::max(LoadHint(run.state).retry_at,
                           run.options.now + run.result.tally.retry_after_seconds);
  {
    TOM_ASSIGN_OR_RETURN(const Spool spool, Spool::Open(run.state, run.options.send.bounds,
                                                        run.options.send.lock_wait_seconds));
    hint.every_group = spool.NeedsNewChain() || run.result.every_group;
    if (spool.state()) {
      hint.context = spool.state()->context.Hex();
      hint.looks = spool.state()->looks;
    }
  }
  return WriteAtomic(run.state.File("hint.json"), EncodeHint(hint));
}

absl::Status Send(Delivery& run) {
  TOM_RETURN_IF_ERROR(CheckLedgerNotRefused(run.state));
  const CycleHint hint = LoadHint(run.state);
  const UnixSeconds now = run.options.now;
  if (hint.retry_at > now && hint.retry_at <= now + limits::kMaxRetryAfterSeconds) {
    return absl::UnavailableError("the collector asked to be left alone until " +
                                  FormatUtc(hint.retry_at));
  }
  return SendWithPatience(run.state, run.options.send, run.client, run.options.patience_seconds,
                          run.options.sleep_ms, run.result.tally);
}

}  // namespace

absl::StatusOr<DeliverResult> Deliver(const StateDir& state, const EnrolmentFacts& facts,
                                      const Trust& trust, const DeliverOptions& options,
                                      const Cycle* cycle, ReportingClient& client) {
  Delivery run{state, facts, trust, options, client, {}};
  TOM_RETURN_IF_ERROR(FetchAnchor(run));
  if (cycle != nullptr) TOM_RETURN_IF_ERROR(Sign(run, *cycle));
  run.result.sent = Send(run);
  TOM_RETURN_IF_ERROR(WriteHint(run));
  return std::move(run.result);
}

std::string DescribeDelivery(const DeliverResult& result) {
  Json::Object json{{"accepted", result.tally.accepted},
                    {"catalogue_version", result.catalogue_version},
                    {"duplicates", result.tally.duplicates},
                    {"forks", result.tally.forks},
                    {"held", result.tally.held},
                    {"left", static_cast<int64_t>(result.tally.left)},
                    {"lost", result.lost ? 1 : 0},
                    {"rejected", result.tally.rejected}};
  if (!result.sent.ok()) {
    json["error"] = TextOrBytes(FromAbsl(result.sent.message()));
  }
  Json::Array notices;
  for (const auto* list : {&result.notices, &result.tally.notices}) {
    for (const std::string& notice : *list) notices.push_back(TextOrBytes(notice));
  }
  if (!notices.empty()) json["notices"] = std::move(notices);
  if (result.report) {
    const Report& report = result.report->report;
    Json::Array groups;
    for (const auto& [interval, unused] : report.groups) groups.emplace_back(interval);
    Json::Object shown{{"chain", report.chain},
                       {"changed", static_cast<int64_t>(report.changed.size())},
                       {"digest", result.report->digest.Hex()},
                       {"groups", std::move(groups)},
                       {"heartbeat", report.IsHeartbeat() ? 1 : 0},
                       {"new_chain", result.report->new_chain ? 1 : 0},
                       {"observed_at", FormatUtc(report.observed_at)},
                       {"removed", static_cast<int64_t>(report.removed.size())},
                       {"seq", static_cast<int64_t>(report.seq)}};
    if (report.anchor) shown["anchor_size"] = static_cast<int64_t>(report.anchor->size);
    json["report"] = std::move(shown);
  }
  return Canonical(json);
}

}  // namespace tom
