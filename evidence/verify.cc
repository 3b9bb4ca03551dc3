#include "evidence/verify.h"

#include <algorithm>
#include <functional>

#include "evidence/bundle.h"
#include "evidence/container_claims.h"
#include "evidence/held_claims.h"
#include "evidence/limits.h"
#include "evidence/oscal_agrees.h"
#include "evidence/pack_evidence.h"
#include "evidence/report_agrees.h"
#include "evidence/report_numbers.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

bool Holds(const std::vector<Claim>& claims, std::string_view name) {
  return std::any_of(claims.begin(), claims.end(), [name](const Claim& claim) {
    return claim.claim == name &&
           (claim.state == ClaimState::kProven || claim.state == ClaimState::kDisclosed);
  });
}

// Agreement with figures that are not proven themselves proves nothing; disagreement always counts.
Claim FromStatus(std::string name, const absl::Status& status, bool holds, std::string good) {
  if (!status.ok()) return Disproven(std::move(name), std::string(status.message()));
  if (holds) return Proven(std::move(name), std::move(good));
  return Unproven(std::move(name), good + ", but verdicts-recomputed is not proven");
}

absl::Status CheckReportFile(const PackReader& pack, const Json& numbers) {
  TOM_ASSIGN_OR_RETURN(const std::string html, pack.Read(std::string(kReportName)));
  return Annotate(CheckReport(html, numbers), kReportName);
}

absl::Status CheckOscalFile(const PackReader& pack, const Json& numbers,
                            const std::map<std::string, Digest>& digests) {
  TOM_ASSIGN_OR_RETURN(const std::string bytes, pack.Read(std::string(kResultsName)));
  return Annotate(CheckAssessmentResults(bytes, numbers, digests), kResultsName);
}

// A file that no reader asks for would be signed for by nobody's understanding.
absl::Status CheckFilesKnown(const std::vector<std::string>& payload) {
  for (const std::string& name : payload) {
    const bool known = name == "pack.json" || name == "README.txt" || name == kReportName ||
                       name == "ledger/stamps.json" || name == "evidence/scope.json" ||
                       name.compare(0, 15, "evidence/hosts/") == 0 ||
                       name.compare(0, 15, "evidence/blobs/") == 0 ||
                       name.compare(0, 6, "oscal/") == 0;
    if (!known) return BadData(name + ": packs have no such file");
  }
  return absl::OkStatus();
}

// A stamp says when it was signed; a period that ends after that had not happened yet.
std::optional<Claim> JudgePeriod(const RollupInput& input, const JudgedContainer& container) {
  if (!container.stamp.has_value()) return {};
  if (input.period.to <= container.stamp->time + limits::kClockSlackSeconds) return {};
  return Disproven("signed-time", "signed at " + FormatUtc(container.stamp->time) +
                                      ", before its period ends at " + FormatUtc(input.period.to));
}

// The reader's own copy of the catalogue outweighs any publisher's signature.
std::optional<Claim> JudgeCatalogue(const RollupInput& input, const VerifyOptions& options) {
  if (!options.catalogue.has_value() || input.catalogues.empty()) return {};
  for (const InForce<Catalogue>& in_force : input.catalogues) {
    if (Sha256(EncodeCatalogue(in_force.value)) != *options.catalogue) {
      return Disproven("catalogue-known", "version " + std::to_string(in_force.value.version) +
                                              " in force from " + FormatUtc(in_force.acts_at) +
                                              " is not the catalogue that was given (--catalogue)");
    }
  }
  return Proven("catalogue-known", "the catalogue in force is the one that was given");
}

struct Figures {
  const Json& recomputed;
  bool hold = false;             // what they were recomputed from is proven
  const Json* stated = nullptr;  // of pack.json, where the stamps behind them cannot be judged
};

// Stamps that nobody here can judge: the verifier was given no authority.
bool CannotJudgeStamps(const PackReader& pack, const VerifyOptions& options) {
  if (!options.tsa_authorities.empty()) return false;
  const auto bytes = pack.Read(std::string(kStampsName));
  if (!bytes.ok()) return false;
  const auto stamps = ParseStamps(*bytes);
  return stamps.ok() && std::any_of(stamps->begin(), stamps->end(),
                                    [](const Stamp& stamp) { return !stamp.token.empty(); });
}

absl::StatusOr<PackFacts> ReadFacts(const PackReader& pack) {
  TOM_ASSIGN_OR_RETURN(const std::string bytes, pack.Read(std::string(kPackFactsName)));
  return ParsePackFacts(bytes);
}

using FigureCheck = std::function<absl::Status(const Json& numbers)>;

// Report or OSCAL against the figures of the evidence. Without the times that its stamps prove, the
// evidence gives other figures than it gave its writer: then only what differs from pack.json too
// is a contradiction.
Claim JudgeFigures(const FigureCheck& check, const Figures& figures, std::string claim,
                   std::string good) {
  const absl::Status agrees = check(figures.recomputed);
  const bool moot = !agrees.ok() && figures.stated != nullptr && check(*figures.stated).ok();
  if (moot) {
    return Unproven(std::move(claim),
                    "not comparable: the figures rest on time-stamps, and no authority was given "
                    "to judge them by (--tsa-trust)");
  }
  return FromStatus(std::move(claim), agrees, figures.hold, std::move(good));
}

void JudgePayload(const PackReader& pack, const JudgedContainer& container,
                  const VerifyOptions& options, std::vector<Claim>& claims) {
  const EvidenceTrust trust{options.ca_der, options.log_key, options.publisher_der,
                            options.tsa_authorities};
  const PackFileReader read = [&pack](const std::string& name) { return pack.Read(name); };
  JudgedEvidence judged = JudgeEvidence(container.payload, read, trust);
  claims.insert(claims.end(), judged.claims.begin(), judged.claims.end());
  if (auto claim = JudgePeriod(judged.input, container)) claims.push_back(std::move(*claim));
  if (auto claim = JudgeCatalogue(judged.input, options)) {
    if (claim->state == ClaimState::kProven) {
      std::erase_if(claims, [](const Claim& c) {
        return c.claim == "catalogue-known" && c.state == ClaimState::kUnproven;
      });
    }
    claims.push_back(std::move(*claim));
  }
  if (judged.rollup.measures.empty()) return;
  const Json numbers = ReportNumbers(judged.rollup, judged.input);
  absl::StatusOr<PackFacts> facts = absl::UnavailableError("not needed");
  if (CannotJudgeStamps(pack, options)) facts = ReadFacts(pack);
  const Figures figures{numbers, Holds(judged.claims, "verdicts-recomputed"),
                        facts.ok() ? &facts->numbers : nullptr};
  const auto oscal = [&](const Json& n) { return CheckOscalFile(pack, n, container.digests); };
  const auto report = [&](const Json& n) { return CheckReportFile(pack, n); };
  claims.push_back(JudgeFigures(oscal, figures, "oscal-agrees",
                                "states, figures and digests are those of the evidence"));
  claims.push_back(JudgeFigures(report, figures, "report-agrees",
                                "every figure is the one that the evidence gives"));
}

bool IsUnreadable(const absl::Status& status) {
  return status.code() == absl::StatusCode::kNotFound ||
         status.code() == absl::StatusCode::kPermissionDenied ||
         status.code() == absl::StatusCode::kFailedPrecondition;
}

}  // namespace

absl::StatusOr<Verification> VerifyPack(const std::string& path, const VerifyOptions& options) {
  const auto pack = PackReader::Open(path);
  Verification result;
  if (!pack.ok()) {
    if (IsUnreadable(pack.status())) return pack.status();
    result.claims = CompleteClaims({Disproven("container", std::string(pack.status().message()))},
                                   "not looked at: the file is no pack");
    return result;
  }
  JudgedContainer container =
      JudgeContainer(*pack, {options.ca_der, options.tsa_authorities, options.signer, options.at});
  std::vector<Claim> claims = std::move(container.claims);
  result.signer = container.signer;
  result.stamp = container.stamp;
  if (container.sound) {
    if (const absl::Status known = CheckFilesKnown(container.payload); !known.ok()) {
      claims.push_back(Disproven("container", std::string(known.message())));
    }
    claims.push_back(JudgeHeldCheckpoints(*pack, options));
    claims.push_back(JudgePreviousPack(*pack, options));
    JudgePayload(*pack, container, options, claims);
  }
  result.claims = CompleteClaims(std::move(claims),
                                 container.sound ? "the evidence that it rests on does not hold"
                                                 : "not looked at: the signature does not hold");
  return result;
}

}  // namespace tom
