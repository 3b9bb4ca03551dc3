#include "collector/pack/report_model.h"

#include <set>

#include "evidence/bundle.h"
#include "evidence/certificate.h"
#include "evidence/checkpoint.h"
#include "evidence/statement.h"
#include "evidence/status_text.h"
#include "evidence/timestamp.h"

namespace tom {
namespace {

// A member of a predicate as one readable word.
std::string Text(const Json& predicate, std::string_view key) {
  const Json* value = predicate.Find(key);
  if (value == nullptr) return "";
  if (value->IsString()) return value->AsString();
  return value->IsInteger() ? std::to_string(value->AsInteger()) : "";
}

std::string Describe(const Statement& statement) {
  const Json& predicate = statement.predicate;
  switch (statement.kind) {
    case Kind::kEnrolmentAuthorisation:
      return "systems " + Text(predicate, "systems") + ", uses " + Text(predicate, "uses") +
             ", until " + Text(predicate, "expires");
    case Kind::kEnrolment:
      return "system " + Text(predicate, "system") + " as host " + Text(predicate, "host");
    case Kind::kInventory: {
      const Json* systems = predicate.Find("systems");
      const size_t count = systems == nullptr ? 0 : systems->AsArray().size();
      return std::to_string(count) + " systems from " + Text(predicate, "source") + ", drawn " +
             Text(predicate, "drawn_at") + " by " + Text(predicate, "drawn_by");
    }
    case Kind::kProfile:
      return "profile " + Text(predicate, "profile") + ", digest " + Text(predicate, "digest");
    case Kind::kCatalogueVersion:
    case Kind::kCatalogue:
      return "version " + Text(predicate, "version");
    case Kind::kApproval:
      return "approves " + Text(predicate, "approves");
    case Kind::kLabel: {
      std::string whose;
      const Json* controllers = predicate.Find("controllers");
      if (controllers != nullptr && controllers->IsArray()) {
        for (const Json& one : controllers->AsArray()) whose.append(" ").append(one.AsString());
      }
      return "host " + Text(predicate, "host") + " to" + (whose.empty() ? " shared" : whose);
    }
    default:
      return Text(predicate, "host");
  }
}

std::string SignerName(const PackSpool& spool, const Statement& statement) {
  const Json* signer = statement.predicate.Find("signer");
  if (signer == nullptr)
    return statement.kind == Kind::kEnrolment ? "the host's own key" : "the ledger's key";
  const auto digest = Digest::FromHex(signer->AsString());
  if (!digest.ok()) return "";
  const auto der = spool.Get(BlobName(*digest));
  if (!der.ok()) return digest->Hex();
  const auto info = ReadCertificateDer(*der);
  return info.ok() ? info->common_name : digest->Hex();
}

// The earliest time that an authority vouches for a state holding the leaf of that index.
std::optional<UnixSeconds> StampOver(const ReportModel& model, uint64_t index) {
  std::optional<UnixSeconds> earliest;
  for (const StampLine& stamp : model.stamps) {
    if (stamp.authority.empty() || stamp.size <= index) continue;
    if (!earliest || stamp.time < *earliest) earliest = stamp.time;
  }
  return earliest;
}

absl::Status AddChanges(const PackSpool& spool, ReportModel& model) {
  TOM_ASSIGN_OR_RETURN(const std::string bytes, spool.Get(std::string(kScopeName)));
  TOM_ASSIGN_OR_RETURN(const ScopeChain chain, ParseScopeChain(bytes));
  for (const auto* list : {&chain.catalogues, &chain.entries}) {
    for (const ScopeEntry& entry : *list) {
      TOM_ASSIGN_OR_RETURN(const Statement statement, ParseKindStatement(entry.statement.payload));
      if (statement.kind == Kind::kTick) continue;  // one before each stamp: the stamps are listed
      model.changes.push_back({entry.leaf.body.received_at, StampOver(model, entry.leaf.index),
                               std::string(KindName(statement.kind)), SignerName(spool, statement),
                               Describe(statement), entry.leaf.body.digest.Hex()});
    }
  }
  return absl::OkStatus();
}

absl::Status AddStamps(const PackSpool& spool, const EvidenceTrust& trust, ReportModel& model) {
  TOM_ASSIGN_OR_RETURN(const std::string bytes, spool.Get(std::string(kStampsName)));
  TOM_ASSIGN_OR_RETURN(const std::vector<Stamp> stamps, ParseStamps(bytes));
  for (const Stamp& stamp : stamps) {
    if (!trust.log_key.has_value()) return absl::InternalError("the ledger's key is not known");
    TOM_ASSIGN_OR_RETURN(const Checkpoint checkpoint, VerifyCheckpoint(stamp.note, *trust.log_key));
    TOM_ASSIGN_OR_RETURN(const std::string text, NoteText(stamp.note));
    StampLine line{checkpoint.size, checkpoint.root.Hex(), 0, ""};
    const auto time = VerifyTimeStamp(stamp.token, Sha256(text), trust.tsa_authorities);
    if (time.ok()) {
      line.time = time->time;
      line.authority = time->authority;
    }
    model.stamps.push_back(std::move(line));
  }
  return absl::OkStatus();
}

absl::Status AddSystems(const PackSpool& spool, const RollupInput& input, ReportModel& model) {
  for (const InForce<Inventory>& inventory : input.inventories) {
    for (const InventorySystem& system : inventory.value.systems) {
      const auto bytes = spool.Get(BlobName(system.body));
      if (!bytes.ok()) {  // withheld or erased: the id stands for the name
        model.systems.emplace(system.id, std::nullopt);
        continue;
      }
      TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(*bytes));
      TOM_ASSIGN_OR_RETURN(model.systems[system.id], InventoryBodyFrom(json));
    }
  }
  return absl::OkStatus();
}

// Bodies of the heads that `wanted` names, from the bundles that hold them.
absl::Status AddBodies(const PackSpool& spool, const std::set<std::string>& wanted,
                       ReportModel& model) {
  for (const std::string& name : spool.Names()) {
    if (name.compare(0, 15, "evidence/hosts/") != 0) continue;
    TOM_ASSIGN_OR_RETURN(const std::string bytes, spool.Get(name));
    TOM_ASSIGN_OR_RETURN(const HostBundle bundle, ParseHostBundle(bytes));
    std::map<Digest, const std::string*> bodies;
    for (const std::string& body : bundle.bodies) bodies.emplace(Sha256(body), &body);
    for (const Head& head : bundle.heads) {
      const std::string digest = HeadDigest(head).Hex();
      const auto body = bodies.find(head.body);
      if (wanted.count(digest) == 0 || body == bodies.end()) continue;
      TOM_ASSIGN_OR_RETURN(model.bodies[digest], ParseBody(*body->second));
    }
  }
  return absl::OkStatus();
}

std::set<std::string> HeadsOfFindings(const JudgedEvidence& judged) {
  std::set<std::string> heads;
  for (const MeasureResult& measure : judged.rollup.measures) {
    for (const Finding& finding : measure.findings) heads.insert(finding.head.Hex());
  }
  return heads;
}

}  // namespace

absl::StatusOr<ReportModel> MakeReportModel(const PackSpool& spool, const JudgedEvidence& judged,
                                            const EvidenceTrust& trust, const Json& numbers) {
  ReportModel model;
  model.numbers = numbers;
  if (judged.input.profiles.empty()) {
    return absl::FailedPreconditionError(
        ToAbsl("profile " + judged.input.profile + ": not published in this ledger"));
  }
  model.profile = judged.input.profiles.back().value;
  if (!judged.input.catalogues.empty()) model.catalogue = judged.input.catalogues.back().value;
  TOM_RETURN_IF_ERROR(AddStamps(spool, trust, model));
  TOM_RETURN_IF_ERROR(AddChanges(spool, model));
  TOM_RETURN_IF_ERROR(AddSystems(spool, judged.input, model));
  TOM_RETURN_IF_ERROR(AddBodies(spool, HeadsOfFindings(judged), model));
  for (const std::string& name : spool.Names()) model.files.emplace(name, spool.DigestOf(name));
  return model;
}

std::string SystemName(const ReportModel& model, const std::string& id) {
  const auto found = model.systems.find(id);
  const bool named = found != model.systems.end() && found->second && !found->second->name.empty();
  return named ? found->second->name : id;
}

std::string MeasureTitle(const ReportModel& model, const std::string& id) {
  const auto found = model.catalogue.measures.find(id);
  return found == model.catalogue.measures.end() || found->second.title.empty()
             ? id
             : found->second.title;
}

}  // namespace tom
