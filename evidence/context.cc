#include "evidence/context.h"

#include <algorithm>
#include <array>

#include "evidence/catalogue.h"
#include "evidence/json_bounds.h"
#include "evidence/row.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr std::array<std::string_view, 4> kPieceKinds = {"configuration", "exclusions", "params",
                                                         "profile"};

Json PieceToJson(const ContextPiece& piece) {
  Json::Object json = {{"digest", piece.digest.Hex()}, {"kind", piece.kind}};
  if (!piece.scope.empty()) json.emplace("scope", StringArray(piece.scope));
  return json;
}

absl::StatusOr<ContextPiece> PieceFrom(const Json& json, const std::string& where) {
  FieldReader fields(json, where);
  ContextPiece piece;
  piece.kind = fields.String("kind");
  if (std::find(kPieceKinds.begin(), kPieceKinds.end(), piece.kind) == kPieceKinds.end()) {
    fields.Fail("kind", "expected params, profile, configuration or exclusions");
  }
  piece.digest = fields.DigestOf("digest");
  piece.scope = fields.StringSet("scope");
  if (piece.scope.empty()) fields.Fail("scope", "missing");
  TOM_RETURN_IF_ERROR(fields.Finish());
  return piece;
}

absl::Status ReadPieces(const Json* array, Context& context) {
  if (array == nullptr) return absl::OkStatus();
  const Json::Array& items = array->AsArray();
  for (size_t i = 0; i < items.size(); ++i) {
    const std::string where = "context.pieces[" + std::to_string(i) + "]";
    TOM_ASSIGN_OR_RETURN(ContextPiece piece, PieceFrom(items[i], where));
    if (i > 0 && std::pair(context.pieces.back().kind, context.pieces.back().digest) >=
                     std::pair(piece.kind, piece.digest)) {
      return BadData(where + ": not in ascending order of kind and digest");
    }
    context.pieces.push_back(std::move(piece));
  }
  return absl::OkStatus();
}

// Interval -> checks; a check stands in one group only, else its row would belong to two states.
absl::Status ReadGroups(const Json* object, Context& context) {
  if (object == nullptr || object->AsObject().empty()) return BadData("context.groups: missing");
  FieldReader fields(*object, "context.groups");
  std::vector<std::string> seen;
  for (const auto& [interval, checks] : object->AsObject()) {
    TOM_RETURN_IF_ERROR(Annotate(IntervalSeconds(interval).status(), "context.groups." + interval));
    std::vector<std::string> ids = fields.StringSet(interval);
    if (ids.empty()) fields.Fail(interval, "no check");
    for (const std::string& id : ids) {
      if (!IsCheckId(id)) fields.Fail(interval, "not a check's id: " + id);
    }
    seen.insert(seen.end(), ids.begin(), ids.end());
    context.groups.emplace(interval, std::move(ids));
  }
  TOM_RETURN_IF_ERROR(fields.Finish());
  std::sort(seen.begin(), seen.end());
  const auto twice = std::adjacent_find(seen.begin(), seen.end());
  if (twice != seen.end()) return BadData("context.groups: " + *twice + " stands in two groups");
  return absl::OkStatus();
}

absl::Status ReadAgentAndCatalogue(FieldReader& fields, Context& context) {
  const Json none;
  const Json* agent = fields.Object("agent");
  FieldReader of_agent(agent == nullptr ? none : *agent, "context.agent");
  context.agent_version = of_agent.String("version");
  context.agent_binary = of_agent.DigestOf("binary");
  const Json* catalogue = fields.Object("catalogue");
  FieldReader of_catalogue(catalogue == nullptr ? none : *catalogue, "context.catalogue");
  context.catalogue = of_catalogue.DigestOf("digest");
  context.catalogue_version = of_catalogue.Integer("version", 0);
  TOM_RETURN_IF_ERROR(of_agent.Finish());
  return of_catalogue.Finish();
}

}  // namespace

std::string EncodeContext(const Context& context) {
  Json::Object groups;
  for (const auto& [interval, checks] : context.groups) {
    groups.emplace(interval, StringArray(checks));
  }
  Json::Object json = {{"agent", Json::Object{{"binary", context.agent_binary.Hex()},
                                              {"version", context.agent_version}}},
                       {"catalogue", Json::Object{{"digest", context.catalogue.Hex()},
                                                  {"version", context.catalogue_version}}},
                       {"groups", std::move(groups)},
                       {"os", context.os}};
  Json::Array pieces;
  for (const ContextPiece& piece : context.pieces) pieces.push_back(PieceToJson(piece));
  if (!pieces.empty()) json.emplace("pieces", std::move(pieces));
  if (context.pseudonym_key) json.emplace("pseudonym_key", *context.pseudonym_key);
  return Canonical(std::move(json));
}

absl::StatusOr<Context> ParseContext(std::string_view bytes) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(bytes));
  TOM_RETURN_IF_ERROR(CheckStringBounds(json, "context"));
  FieldReader fields(json, "context");
  Context context;
  TOM_RETURN_IF_ERROR(ReadAgentAndCatalogue(fields, context));
  const Json* groups = fields.Object("groups");
  context.os = fields.String("os");
  const Json* pieces = fields.Array("pieces");
  if (fields.Has("pseudonym_key")) context.pseudonym_key = fields.Hex("pseudonym_key", 32);
  TOM_RETURN_IF_ERROR(fields.Finish());
  TOM_RETURN_IF_ERROR(ReadGroups(groups, context));
  TOM_RETURN_IF_ERROR(ReadPieces(pieces, context));
  return context;
}

}  // namespace tom
