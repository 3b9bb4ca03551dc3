#include "agent/report_context.h"

#include <algorithm>
#include <tuple>

#include "agent/context_scope.h"
#include "evidence/digest.h"
#include "evidence/row.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

bool Covers(const SubjectScope& scope, std::string_view subject) {
  if (subject == scope.subject) return true;
  return scope.below && subject.size() > scope.subject.size() &&
         subject.substr(0, scope.subject.size()) == scope.subject &&
         (scope.subject.ends_with("/") || subject[scope.subject.size()] == '/');
}

void AddPiece(std::string kind, std::string bytes, const std::vector<std::string>& scope,
              BuiltContext& out) {
  out.context.pieces.push_back({std::move(kind), Sha256(bytes), scope});
  out.blobs.push_back(std::move(bytes));
}

absl::Status AddExclusion(const HostView& host, const HostExclusion& exclusion,
                          const PlannedCheck& planned, BuiltContext& out) {
  const ParamsPiece& piece = planned.piece;
  const std::string id = SubjectId(host.salt_key, piece.check, piece.params, exclusion.subject);
  const Json entry = Json::Object{{"check", piece.check},
                                  {"expires", FormatUtc(exclusion.expires)},
                                  {"owner", exclusion.owner},
                                  {"reason", exclusion.reason},
                                  {"subject_id", id}};
  absl::StatusOr<std::string> bytes = EncodeCanonical(entry);
  if (!bytes.ok()) return Annotate(bytes.status(), "exclusion of " + piece.check);
  const RowKey key{piece.check, piece.params, id};
  if (!out.excluded.emplace(key, Sha256(*bytes)).second) return absl::OkStatus();
  AddPiece("exclusions", *std::move(bytes), ScopeOf(host, exclusion.subject), out);
  return absl::OkStatus();
}

absl::Status AddExclusions(const HostView& host, UnixSeconds at, BuiltContext& out) {
  for (const PlannedCheck& planned : out.plan) {
    for (const HostExclusion& exclusion : host.exclusions) {
      if (exclusion.check != planned.piece.check || exclusion.expires <= at) continue;
      TOM_RETURN_IF_ERROR(AddExclusion(host, exclusion, planned, out));
    }
  }
  return absl::OkStatus();
}

void AddPlan(const std::vector<std::string>& scope, BuiltContext& out) {
  for (const PlannedCheck& planned : out.plan) {
    std::vector<std::string>& group = out.context.groups[planned.interval];
    group.push_back(planned.piece.check);
    AddPiece("params", EncodeParamsPiece(planned.piece), scope, out);
  }
  for (auto& [interval, checks] : out.context.groups) {
    std::sort(checks.begin(), checks.end());
    checks.erase(std::unique(checks.begin(), checks.end()), checks.end());
  }
}

void SortPieces(std::vector<ContextPiece>& pieces) {
  const auto key = [](const ContextPiece& piece) { return std::tie(piece.kind, piece.digest); };
  std::sort(pieces.begin(), pieces.end(),
            [&](const auto& a, const auto& b) { return key(a) < key(b); });
  pieces.erase(std::unique(pieces.begin(), pieces.end(),
                           [&](const auto& a, const auto& b) { return key(a) == key(b); }),
               pieces.end());
}

}  // namespace

std::vector<std::string> ScopeOf(const HostView& host, std::string_view subject) {
  const SubjectScope* best = nullptr;
  for (const SubjectScope& scope : host.scopes) {
    if (scope.controllers.empty() || !Covers(scope, subject)) continue;
    if (best == nullptr || scope.subject.size() > best->subject.size()) best = &scope;
  }
  const std::vector<std::string>& chosen = best == nullptr ? host.controllers : best->controllers;
  return chosen.empty() ? std::vector<std::string>{"shared"} : chosen;
}

std::string PseudonymKeyId(std::string_view key) { return Sha256(key).Hex().substr(0, 32); }

absl::StatusOr<BuiltContext> BuildContext(const HostView& host, const ContextSource& source,
                                          UnixSeconds at) {
  BuiltContext out;
  out.plan = source.plan;
  out.context.agent_version = source.agent_version;
  out.context.agent_binary = source.agent_binary;
  out.context.catalogue_version = source.catalogue_version;
  out.context.catalogue = source.catalogue;
  out.context.os = source.os;
  out.context.pseudonym_key = source.pseudonym_key;
  const std::vector<std::string> scope = ScopeOf(host, "");
  AddPlan(EveryScope(host), out);
  for (const std::string& profile : source.profiles) AddPiece("profile", profile, scope, out);
  for (const auto& [whose, part] : SplitConfiguration(host, source.configuration)) {
    absl::StatusOr<std::string> bytes = EncodeCanonical(part);
    if (!bytes.ok()) return Annotate(bytes.status(), "configuration");
    AddPiece("configuration", *std::move(bytes), whose, out);
  }
  TOM_RETURN_IF_ERROR(AddExclusions(host, at, out));
  SortPieces(out.context.pieces);
  std::string bytes = EncodeContext(out.context);
  out.digest = Sha256(bytes);
  out.blobs.push_back(std::move(bytes));
  return out;
}

}  // namespace tom
