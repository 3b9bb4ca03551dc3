#include "evidence/scope_statements.h"

namespace tom {
namespace {

// The members that every predicate has, and the statement's own.
Json WithCommon(const StatementCommon& common, Json::Object json) {
  json.emplace("ledger", common.ledger);
  json.emplace("salt", common.salt);
  if (common.signer) json.emplace("signer", common.signer->Hex());
  return json;
}

void PutLabels(const std::map<std::string, std::string>& labels, Json::Object& json) {
  if (labels.empty()) return;
  Json::Object members;
  for (const auto& [name, text] : labels) members.emplace(name, text);
  json.emplace("labels", std::move(members));
}

Json SystemToJson(const InventorySystem& system) {
  Json::Object json = {{"body", system.body.Hex()},
                       {"controllers", StringArray(system.controllers)},
                       {"id", system.id},
                       {"in_service_from", FormatUtc(system.in_service_from)},
                       {"kind", system.kind}};
  if (system.in_service_to) json.emplace("in_service_to", FormatUtc(*system.in_service_to));
  return json;
}

}  // namespace

Json ToPredicate(const EnrolmentAuthorisation& statement) {
  Json::Object json = {{"controllers", StringArray(statement.controllers)},
                       {"expires", FormatUtc(statement.expires)},
                       {"kind", statement.kind},
                       {"systems", statement.systems},
                       {"token", statement.token.Hex()},
                       {"uses", statement.uses}};
  PutLabels(statement.labels, json);
  return WithCommon(statement.common, std::move(json));
}

Json ToPredicate(const Enrolment& statement) {
  return WithCommon(statement.common, {{"authorisation", statement.authorisation.Hex()},
                                       {"host", statement.host},
                                       {"spki", Base64Encode(statement.spki)},
                                       {"system", statement.system}});
}

Json ToPredicate(const Handover& statement) {
  return WithCommon(statement.common, {{"host", statement.host},
                                       {"last_digest", statement.last_digest.Hex()},
                                       {"new_spki", Base64Encode(statement.new_spki)},
                                       {"old_spki", Base64Encode(statement.old_spki)}});
}

Json ToPredicate(const Approval& statement) {
  return WithCommon(statement.common, {{"approves", statement.approves.Hex()}});
}

Json ToPredicate(const Inventory& statement) {
  Json::Object json = {{"drawn_at", FormatUtc(statement.drawn_at)},
                       {"drawn_by", statement.drawn_by},
                       {"source", statement.source}};
  Json::Array systems;
  for (const InventorySystem& system : statement.systems) systems.push_back(SystemToJson(system));
  if (!systems.empty()) json.emplace("systems", std::move(systems));
  return WithCommon(statement.common, std::move(json));
}

Json ToPredicate(const Label& statement) {
  Json::Object json = {{"controllers", StringArray(statement.controllers)},
                       {"host", statement.host}};
  PutLabels(statement.labels, json);
  return WithCommon(statement.common, std::move(json));
}

Json ToPredicate(const ProfileStatement& statement) {
  return WithCommon(statement.common,
                    {{"digest", statement.digest.Hex()}, {"profile", statement.profile}});
}

Json ToPredicate(const CatalogueVersion& statement) {
  return WithCommon(statement.common,
                    {{"catalogue", statement.catalogue.Hex()}, {"version", statement.version}});
}

Json ToPredicate(const CatalogueStatement& statement) {
  return WithCommon(statement.common, {{"digest", statement.digest.Hex()},
                                       {"expires", FormatUtc(statement.expires)},
                                       {"version", statement.version}});
}

Json ToPredicate(const Tick& statement) {
  return WithCommon(statement.common, {{"size", statement.size}});
}

Json InventoryBodyToJson(const InventoryBody& body) {
  return Json::Object{{"critical", body.critical ? 1 : 0},
                      {"name", body.name},
                      {"owner", body.owner},
                      {"personal_data", body.personal_data ? 1 : 0},
                      {"role", body.role},
                      {"salt", body.salt},
                      {"site", body.site}};
}

}  // namespace tom
