#include "evidence/bundle.h"

#include "evidence/bundle_json.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

Json StampToJson(const Stamp& stamp) {
  Json::Object json = {{"note", stamp.note}, {"token", Base64Encode(stamp.token)}};
  if (!stamp.consistency.empty()) json.emplace("consistency", DigestArray(stamp.consistency));
  return json;
}

absl::StatusOr<Stamp> StampFrom(const Json& json, const std::string& where) {
  FieldReader fields(json, where);
  Stamp stamp;
  stamp.note = fields.String("note");
  stamp.token = fields.Bytes("token");
  TOM_ASSIGN_OR_RETURN(stamp.consistency, ProofFrom(fields, "consistency"));
  TOM_RETURN_IF_ERROR(fields.Finish());
  return stamp;
}

}  // namespace

std::string EncodeScopeChain(const ScopeChain& chain) {
  Json::Object json;
  if (!chain.entries.empty()) json.emplace("entries", ScopeEntriesToJson(chain.entries));
  if (!chain.catalogues.empty()) json.emplace("catalogues", ScopeEntriesToJson(chain.catalogues));
  return Canonical(std::move(json));
}

absl::StatusOr<ScopeChain> ParseScopeChain(std::string_view bytes) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(bytes));
  FieldReader fields(json, "scope");
  const Json* entries = fields.Array("entries");
  const Json* catalogues = fields.Array("catalogues");
  TOM_RETURN_IF_ERROR(fields.Finish());
  ScopeChain chain;
  TOM_ASSIGN_OR_RETURN(chain.entries, ScopeEntriesFrom(entries, "scope.entries"));
  TOM_ASSIGN_OR_RETURN(chain.catalogues, ScopeEntriesFrom(catalogues, "scope.catalogues"));
  return chain;
}

std::string EncodeStamps(const std::vector<Stamp>& stamps) {
  Json::Object json;
  Json::Array array;
  for (const Stamp& stamp : stamps) array.push_back(StampToJson(stamp));
  if (!array.empty()) json.emplace("stamps", std::move(array));
  return Canonical(std::move(json));
}

absl::StatusOr<std::vector<Stamp>> ParseStamps(std::string_view bytes) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(bytes));
  FieldReader fields(json, "");
  const Json* stamps = fields.Array("stamps");
  TOM_RETURN_IF_ERROR(fields.Finish());
  return ItemsFrom<Stamp>(stamps, "stamps", StampFrom);
}

std::string EncodePackFacts(const PackFacts& facts) {
  Json::Object json = {{"from", FormatUtc(facts.from)},
                       {"ledger", facts.ledger},
                       {"numbers", facts.numbers},
                       {"profile", facts.profile},
                       {"to", FormatUtc(facts.to)}};
  if (facts.controller) json.emplace("controller", *facts.controller);
  return Canonical(std::move(json));
}

absl::StatusOr<PackFacts> ParsePackFacts(std::string_view bytes) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(bytes));
  FieldReader fields(json, "pack");
  PackFacts facts;
  facts.ledger = fields.String("ledger");
  facts.from = fields.Time("from");
  facts.to = fields.Time("to");
  if (facts.to <= facts.from) fields.Fail("to", "not after from");
  facts.profile = fields.String("profile");
  if (fields.Has("controller")) facts.controller = fields.String("controller");
  const Json* numbers = fields.Object("numbers");
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (numbers == nullptr) return BadData("pack.numbers: missing");
  facts.numbers = *numbers;
  return facts;
}

std::string HostBundleName(std::string_view host, std::string_view month) {
  return "evidence/hosts/" + std::string(host) + "/" + std::string(month) + ".json";
}

std::string BlobName(const Digest& digest) { return "evidence/blobs/" + digest.Hex(); }

std::string MonthOf(UnixSeconds time) { return FormatUtc(time).substr(0, 7); }

}  // namespace tom
