#include "collector/pack/pack_export.h"

#include "collector/assessment/assemble.h"
#include "collector/pack/host_export.h"
#include "collector/pack/host_plan.h"
#include "collector/pack/html_report.h"
#include "collector/pack/oscal_writer.h"
#include "collector/pack/report_model.h"
#include "collector/pack/scope_export.h"
#include "evidence/checkpoint.h"
#include "evidence/report_agrees.h"
#include "evidence/report_numbers.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

absl::StatusOr<PackFacts> FactsOf(const StoreView& view, const LedgerProofs& proofs,
                                  const PackRequest& request, const EvidenceTrust& trust) {
  TOM_ASSIGN_OR_RETURN(const LedgerHead head, view.Head());
  if (!trust.log_key.has_value()) return absl::InternalError("the ledger's key is not known");
  TOM_ASSIGN_OR_RETURN(const Checkpoint checkpoint, VerifyCheckpoint(head.note, *trust.log_key));
  PackFacts facts;
  facts.ledger = checkpoint.origin;
  facts.profile = request.profile;
  facts.controller = request.controller;
  facts.from = request.from.value_or(proofs.stamps().front().time);
  facts.to = request.to.value_or(proofs.stamps().back().time);
  facts.numbers = Json(Json::Object{});
  if (facts.from >= facts.to) {
    return absl::FailedPreconditionError(ToAbsl("an empty period: from " + FormatUtc(facts.from) +
                                                " to " + FormatUtc(facts.to) +
                                                " (two stamps at different times are needed)"));
  }
  if (facts.to > proofs.stamps().back().time) {
    return absl::FailedPreconditionError(ToAbsl("the period ends after the newest stamp, " +
                                                FormatUtc(proofs.stamps().back().time) +
                                                ": nothing is anchored after it"));
  }
  return facts;
}

// Findings of the period by host, as the collector itself sees them.
absl::StatusOr<std::map<std::string, std::vector<Finding>>> FindingsOf(const StoreView& view,
                                                                       const PackFacts& facts) {
  std::map<std::string, std::vector<Finding>> findings;
  auto assessed = AssessStore(view, facts.profile, {facts.from, facts.to}, facts.controller);
  if (absl::IsNotFound(assessed.status())) return findings;  // no such profile: said later
  TOM_RETURN_IF_ERROR(assessed.status());
  for (MeasureResult& measure : assessed->rollup.measures) {
    for (Finding& finding : measure.findings) {
      findings[finding.host].push_back(std::move(finding));
    }
  }
  return findings;
}

absl::Status SpoolEvidence(const StoreView& view, const PackRequest& request,
                           const EvidenceTrust& trust, PackSpool& spool) {
  TOM_ASSIGN_OR_RETURN(const LedgerProofs proofs, LedgerProofs::Load(view));
  TOM_ASSIGN_OR_RETURN(const PackFacts facts, FactsOf(view, proofs, request, trust));
  TOM_ASSIGN_OR_RETURN(ExportedScope scope, ExportScope(view, proofs, request, spool));
  TOM_ASSIGN_OR_RETURN(auto findings, FindingsOf(view, facts));
  TOM_ASSIGN_OR_RETURN(const std::vector<HostRow> hosts, view.Hosts());
  for (const HostRow& host : hosts) {
    const PlanRequest wanted{
        {facts.from, facts.to}, proofs.size(), request.whole_below, findings[host.host]};
    TOM_ASSIGN_OR_RETURN(HostPlan plan, PlanHost(view, host.host, wanted));
    TOM_ASSIGN_OR_RETURN(const AuthorisationRow authorisation,
                         view.AuthorisationByStatement(host.authorisation));
    HostToShow shown{host.host, std::move(plan), std::move(scope.handovers[host.host]),
                     std::move(scope.labels[host.host])};
    shown.controllers.insert(shown.controllers.begin(), {0, authorisation.controllers});
    TOM_RETURN_IF_ERROR(ExportHost(view, proofs, request, std::move(shown), spool));
  }
  return spool.Put(std::string(kPackFactsName), EncodePackFacts(facts));
}

// What the verifier would disprove is said here, before anybody signs it.
absl::Status CheckJudged(const JudgedEvidence& judged) {
  for (const Claim& claim : judged.claims) {
    if (claim.state == ClaimState::kDisproven) {
      return absl::DataLossError(
          ToAbsl("the stored evidence does not hold: " + claim.claim + ": " + claim.detail));
    }
  }
  return absl::OkStatus();
}

absl::Status SpoolReport(const JudgedEvidence& judged, const PackSettings& settings,
                         PackFacts facts, PackSpool& spool) {
  facts.numbers = ReportNumbers(judged.rollup, judged.input);
  TOM_RETURN_IF_ERROR(spool.Put(std::string(kPackFactsName), EncodePackFacts(facts)));
  TOM_ASSIGN_OR_RETURN(ReportModel model,
                       MakeReportModel(spool, judged, settings.trust, facts.numbers));
  model.ledger = facts.ledger;
  TOM_ASSIGN_OR_RETURN(const auto documents, WriteOscal(model));
  for (const auto& [name, bytes] : documents) {
    TOM_RETURN_IF_ERROR(spool.Put("oscal/" + name, bytes));
  }
  TOM_ASSIGN_OR_RETURN(const std::string html, WriteHtmlReport(model));
  TOM_RETURN_IF_ERROR(spool.Put(std::string(kReportName), html));
  return spool.Put("README.txt", PackReadme());
}

}  // namespace

absl::Status AddReport(const PackSettings& settings, PackSpool& spool) {
  TOM_ASSIGN_OR_RETURN(const std::string bytes, spool.Get(std::string(kPackFactsName)));
  TOM_ASSIGN_OR_RETURN(PackFacts facts, ParsePackFacts(bytes));
  const PackFileReader read = [&spool](const std::string& name) { return spool.Get(name); };
  const JudgedEvidence judged = ComputeEvidence(spool.Names(), read, settings.trust);
  TOM_RETURN_IF_ERROR(CheckJudged(judged));
  return SpoolReport(judged, settings, std::move(facts), spool);
}

absl::Status ExportPack(Store& store, const PackRequest& request, const PackSettings& settings,
                        const PackFileSink& sink) {
  TOM_ASSIGN_OR_RETURN(const std::unique_ptr<PackSpool> spool, PackSpool::Create(settings.scratch));
  TOM_RETURN_IF_ERROR(store.Read(
      [&](const StoreView& view) { return SpoolEvidence(view, request, settings.trust, *spool); }));
  TOM_RETURN_IF_ERROR(AddReport(settings, *spool));
  for (const std::string& name : spool->Names()) {
    TOM_ASSIGN_OR_RETURN(const std::string bytes, spool->Get(name));
    TOM_RETURN_IF_ERROR(sink(name, bytes));
  }
  return absl::OkStatus();
}

}  // namespace tom
