#include "evidence/pack_evidence.h"

#include <algorithm>
#include <array>
#include <set>

#include "evidence/claim_sheet.h"
#include "evidence/limits.h"
#include "evidence/pack_bodies.h"
#include "evidence/pack_host.h"
#include "evidence/pack_judge.h"
#include "evidence/report_numbers.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr std::string_view kHostsPrefix = "evidence/hosts/";

// What the figures rest on: none of these may be disproven.
constexpr std::array<std::string_view, 8> kFoundations = {
    "ledger-key",     "ledger-anchored",      "scope-complete", "host-chains",
    "key-continuity", "statement-signatures", "signer-roles",   "rules-not-retroactive"};
// And these have to be proven before figures can be.
constexpr std::array<std::string_view, 6> kNeeded = {"ledger-anchored", "scope-complete",
                                                     "host-chains",     "key-continuity",
                                                     "signer-roles",    "statement-signatures"};

std::string Count(size_t number, std::string_view what) {
  return std::to_string(number) + " " + std::string(what) + (number == 1 ? "" : "s");
}

class Judge {
 public:
  Judge(const std::vector<std::string>& names, const PackFileReader& read,
        const EvidenceTrust& trust, const JudgeOptions& options)
      : names_(names), read_(read), trust_(trust), options_(options) {}

  JudgedEvidence Run() {
    if (!ReadFacts()) return Broken();
    const auto stamps = ReadFile<std::vector<Stamp>>(kStampsName, ParseStamps, "ledger-key");
    const auto chain = ReadFile<ScopeChain>(kScopeName, ParseScopeChain, "scope-complete");
    if (!stamps || !chain) return Broken();
    const PackLedger ledger(*stamps, facts_.ledger, trust_, options_.verify_stamp, sheet_);
    scope_ = PackScope(ledger, trust_, facts_, read_, sheet_).Judge(*chain);
    checkpoints_ = ledger.checkpoints();
    anchored_ = ledger.Anchored();
    bodies_.emplace(facts_.controller);
    JudgeRules();
    JudgeNames();
    FillInput();
    RollupBuilder rollup(result_.input);
    JudgeHosts(ledger, rollup);
    return Conclude(rollup);
  }

 private:
  template <typename T, typename Parse>
  std::optional<T> ReadFile(std::string_view name, Parse parse, std::string_view claim) {
    const auto bytes = read_(std::string(name));
    if (!sheet_.Check(claim, Annotate(bytes.status(), name), name)) return std::nullopt;
    auto value = parse(*bytes);
    if (!sheet_.Check(claim, Annotate(value.status(), name), name)) return std::nullopt;
    return *std::move(value);
  }

  bool ReadFacts() {
    auto facts = ReadFile<PackFacts>(kPackFactsName, ParsePackFacts, "verdicts-recomputed");
    if (!facts) return false;
    facts_ = *std::move(facts);
    return true;
  }

  void JudgeRules() {
    if (!anchored_) {
      sheet_.Unprove("rules-not-retroactive", "no stamp says since when the rules are on record");
    }
    if (scope_.profiles.empty()) {
      sheet_.Unprove("rules-not-retroactive", "no profile " + facts_.profile + " is on record");
    }
    if (scope_.catalogues.empty()) {
      sheet_.Unprove("catalogue-known", "no catalogue is in force");
    }
    for (const auto& [kind, count] : scope_.not_judged) {
      const std::string text = kind + " statements: not implemented";
      if (kind == "revocation" || kind == "retirement") sheet_.Unprove("key-continuity", text);
      if (kind == "exclusion") sheet_.Unprove("exclusions-listed", text);
      if (kind == "exclusion" || kind == "waiver") sheet_.Unprove("waivers-authorised", text);
    }
  }

  // The bodies that name inventory systems.
  void JudgeNames() {
    std::set<Digest> seen;
    for (const auto& inventory : scope_.inventories) {
      for (const InventorySystem& system : inventory.value.systems) {
        if (!seen.insert(system.body).second) continue;
        const auto bytes = ReadBlob(read_, system.body);
        const std::string piece = "system " + system.id;
        bodies_->Count("names of systems", system.controllers, bytes.ok(), piece);
        if (absl::IsNotFound(bytes.status())) continue;
        const auto json = bytes.ok() ? ParseCanonical(*bytes) : bytes.status();
        const auto body = json.ok() ? InventoryBodyFrom(*json) : json.status();
        sheet_.Check("bodies-withheld-or-erased", Annotate(body.status(), piece), piece);
      }
    }
  }

  int64_t AnchorMax() const {
    int64_t least = limits::kDefaultAnchorMaxSeconds;
    bool first = true;
    for (const auto& profile : scope_.profiles) {
      const int64_t own = profile.value.thresholds.anchor_max_seconds;
      least = first ? own : std::min(least, own);
      first = false;
    }
    return least;
  }

  // The bundle files of each host, by name and so by month.
  std::map<std::string, std::vector<std::string>> BundlesByHost() {
    std::map<std::string, std::vector<std::string>> bundles;
    for (const std::string& name : names_) {
      if (name.compare(0, kHostsPrefix.size(), kHostsPrefix) != 0) continue;
      const size_t slash = name.find('/', kHostsPrefix.size());
      bundles[name.substr(kHostsPrefix.size(), slash - kHostsPrefix.size())].push_back(name);
    }
    for (auto& [host, files] : bundles) std::sort(files.begin(), files.end());
    return bundles;
  }

  // Those of one system one after another, and only one in memory.
  std::vector<const EnrolledHost*> HostsBySystem() const {
    std::vector<const EnrolledHost*> hosts;
    hosts.reserve(scope_.hosts.size());
    for (const auto& [id, enrolled] : scope_.hosts) hosts.push_back(&enrolled);
    std::stable_sort(hosts.begin(), hosts.end(),
                     [](const auto* a, const auto* b) { return a->system < b->system; });
    return hosts;
  }

  void JudgeHosts(const PackLedger& ledger, RollupBuilder& rollup) {
    std::map<std::string, std::vector<std::string>> bundles = BundlesByHost();
    for (const auto& [host, files] : bundles) {
      if (scope_.hosts.contains(host)) continue;
      sheet_.Disprove("key-continuity", "reports of a host whose enrolment does not count", host);
    }
    const PackSetting setting{ledger, scope_, facts_, read_, *bodies_, AnchorMax()};
    for (const EnrolledHost* enrolled : HostsBySystem()) {
      PackHost host(*enrolled, setting, sheet_);
      const std::vector<std::string>& files = bundles[enrolled->host];
      if (files.empty()) ++silent_;
      for (const std::string& name : files) {
        const auto bundle = ReadFile<HostBundle>(name, ParseHostBundle, "host-chains");
        if (!bundle) continue;
        if (HostBundleName(bundle->host, bundle->month) != name) {
          sheet_.Disprove("host-chains", "a bundle under another name", name);
          continue;
        }
        host.Add(*bundle);
      }
      const HostEvidence evidence = host.Finish();
      if (options_.see_host) options_.see_host(evidence);
      if (!FoundationsFail()) rollup.Add(evidence);  // else nobody asks for figures
      AddTotals(host.totals());
    }
  }

  void AddTotals(const HostTotals& host) {
    totals_.chains += host.chains;
    totals_.openings += host.openings;
    totals_.statements += host.statements;
    totals_.signatures += host.signatures;
    totals_.handovers += host.handovers;
    totals_.looks += host.looks;
    totals_.unanchored += host.unanchored;
    totals_.excluded += host.excluded;
    totals_.rescoped += host.rescoped;
    totals_.refined += host.refined;
  }

  void FillInput() {
    RollupInput& input = result_.input;
    input.period = {facts_.from, facts_.to};
    input.profile = facts_.profile;
    input.controller = facts_.controller;
    input.profiles = scope_.profiles;  // judging hosts asks for them too
    input.catalogues = scope_.catalogues;
    input.inventories = scope_.inventories;
    input.outside_anchor = anchored_;
  }

  bool FoundationsFail() const {
    return std::any_of(kFoundations.begin(), kFoundations.end(),
                       [this](std::string_view claim) { return sheet_.IsDisproven(claim); });
  }

  JudgedEvidence Conclude(RollupBuilder& rollup) {
    if (FoundationsFail()) return Broken();
    result_.rollup = rollup.Finish();
    JudgeNumbers();
    Finish();
    return std::move(result_);
  }

  void JudgeNumbers() {
    for (const std::string_view claim : kNeeded) {
      if (sheet_.IsClean(claim)) continue;
      sheet_.Unprove("verdicts-recomputed",
                     "rests on " + std::string(claim) + ", which is unproven");
      return;
    }
    if (!options_.compare_numbers) return;
    if (ReportNumbers(result_.rollup, result_.input) != facts_.numbers) {
      sheet_.Disprove("verdicts-recomputed",
                      "the figures of pack.json are not those that the evidence gives",
                      kPackFactsName);
    }
  }

  // Nothing can be computed from evidence that does not hold.
  JudgedEvidence Broken() {
    result_.input = RollupInput();
    result_.rollup = Rollup();
    for (const std::string_view claim :
         {"ledger-key", "ledger-anchored", "scope-complete", "host-chains", "key-continuity",
          "statement-signatures", "signer-roles", "time-bracketed", "catalogue-known",
          "rules-not-retroactive", "exclusions-listed", "waivers-authorised", "verdicts-recomputed",
          "bodies-withheld-or-erased"}) {
      if (sheet_.IsClean(claim)) sheet_.Unprove(claim, "other evidence does not hold");
    }
    Finish();
    return std::move(result_);
  }

  void Put(std::string_view claim, std::string detail, ClaimState good = ClaimState::kProven) {
    result_.claims.push_back(sheet_.Finish(claim, good, std::move(detail)));
  }

  void Finish() {
    const std::string chains =
        Count(totals_.chains, "chain") + ", " + Count(totals_.statements, "statement");
    Put("ledger-key", Count(checkpoints_, "checkpoint") + " of " + facts_.ledger);
    Put("ledger-anchored", "checkpoints are stamped from outside");
    Put("scope-complete", Count(scope_.statements, "scope statement") + ", the last tick included");
    Put("host-chains",
        chains + (totals_.openings > 0 ? ", " + Count(totals_.openings, "opening") : "") +
            (silent_ > 0 ? "; " + Count(silent_, "enrolled host") + " without any report" : ""));
    Put("key-continuity",
        Count(scope_.hosts.size(), "enrolment") + ", " + Count(totals_.handovers, "hand-over"));
    Put("statement-signatures",
        Count(scope_.signatures + totals_.signatures + totals_.handovers, "signature") +
            "; the rest follows by prev");
    Put("signer-roles", Count(scope_.signatures, "scope statement") + " by whom they may be");
    FinishTime();
    Put("catalogue-known", Count(scope_.published.size(), "catalogue") + " by the known publisher");
    Put("rules-not-retroactive",
        Count(scope_.rules, "rule") + ", each acting from the stamp over it; " +
            Count(totals_.refined, "row") + " of a scope that its host chose, " +
            Count(totals_.rescoped, "change") + " of a row's scope");
    FinishExceptions();
    const std::string recomputed = std::to_string(result_.rollup.measures.size()) +
                                   " measures recomputed from the rows, equal to pack.json";
    if (totals_.openings == 0) {
      Put("verdicts-recomputed", recomputed);
    } else {
      Put("verdicts-recomputed",
          recomputed + "; chains that begin with an opening show of earlier failures those that " +
              "stood then",
          ClaimState::kDisclosed);
    }
    result_.claims.push_back(bodies_.value_or(PackBodies({})).Finish(sheet_));
  }

  void FinishTime() {
    if (!anchored_) sheet_.Unprove("time-bracketed", "no checkpoint is stamped from outside");
    if (totals_.looks == 0) sheet_.Unprove("time-bracketed", "no look lies in the period");
    Put("time-bracketed",
        std::to_string(totals_.looks - totals_.unanchored) + " of " + Count(totals_.looks, "look") +
            " anchored; the others count for nothing",
        totals_.unanchored > 0 ? ClaimState::kDisclosed : ClaimState::kProven);
  }

  // Nothing is accepted in this version, so what is shown is that nothing was: the chain is whole
  // and has no statement that could.
  void FinishExceptions() {
    for (const std::string_view claim : {"exclusions-listed", "waivers-authorised"}) {
      if (!sheet_.IsClean("scope-complete")) sheet_.Unprove(claim, "rests on scope-complete");
    }
    Put("exclusions-listed",
        Count(totals_.excluded, "row") + " excluded by hosts, none of them accepted");
    Put("waivers-authorised", "the scope chain has no waiver or exclusion; none was counted");
  }

  const std::vector<std::string>& names_;
  const PackFileReader& read_;
  const EvidenceTrust& trust_;
  const JudgeOptions& options_;
  ClaimSheet sheet_;
  PackFacts facts_;
  ScopeFacts scope_;
  HostTotals totals_;
  std::optional<PackBodies> bodies_;  // once it is known for whom the pack is
  size_t checkpoints_ = 0;
  size_t silent_ = 0;
  bool anchored_ = false;
  JudgedEvidence result_;
};

JudgeOptions RealStamps(const EvidenceTrust& trust, bool compare) {
  return {[&trust](std::string_view token, const Digest& imprint) {
            return VerifyTimeStamp(token, imprint, trust.tsa_authorities);
          },
          compare, nullptr};
}

}  // namespace

JudgedEvidence JudgePackFiles(const std::vector<std::string>& names, const PackFileReader& read,
                              const EvidenceTrust& trust, const JudgeOptions& options) {
  return Judge(names, read, trust, options).Run();
}

JudgedEvidence JudgeEvidence(const std::vector<std::string>& names, const PackFileReader& read,
                             const EvidenceTrust& trust) {
  return JudgePackFiles(names, read, trust, RealStamps(trust, true));
}

JudgedEvidence ComputeEvidence(const std::vector<std::string>& names, const PackFileReader& read,
                               const EvidenceTrust& trust) {
  return JudgePackFiles(names, read, trust, RealStamps(trust, false));
}

}  // namespace tom
