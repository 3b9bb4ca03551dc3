#include "evidence/catalogue.h"
#include "evidence/context.h"
#include "evidence/json_bounds.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

absl::Status ReadValues(const Json* object, ParamsPiece& piece) {
  if (object == nullptr) return BadData("params.values: missing");
  for (const auto& [name, entry] : object->AsObject()) {
    FieldReader fields(entry, "params.values." + name);
    const std::string source = fields.String("source");
    if (source != "profile" && source != "host") {
      fields.Fail("source", "expected profile or host");
    }
    const Json* value = fields.Any("value");
    if (value == nullptr) fields.Fail("value", "missing");
    TOM_RETURN_IF_ERROR(fields.Finish());
    piece.values.emplace(name, *value);
    piece.sources.emplace(name, source);
  }
  return absl::OkStatus();
}

}  // namespace

std::string EncodeParamsPiece(const ParamsPiece& piece) {
  Json::Object values;
  for (const auto& [name, value] : piece.values) {
    if (value.IsArray() && value.AsArray().empty())
      continue;  // an empty list has no canonical form
    const auto source = piece.sources.find(name);
    values.emplace(name,
                   Json::Object{{"source", source == piece.sources.end() ? std::string("profile")
                                                                         : source->second},
                                {"value", value}});
  }
  Json::Object json = {
      {"check", piece.check}, {"params", piece.params.Hex()}, {"values", std::move(values)}};
  if (!piece.profiles.empty()) json.emplace("profiles", StringArray(piece.profiles));
  return Canonical(std::move(json));
}

absl::StatusOr<ParamsPiece> ParseParamsPiece(std::string_view bytes) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(bytes));
  TOM_RETURN_IF_ERROR(CheckStringBounds(json, "params"));
  FieldReader fields(json, "params");
  ParamsPiece piece;
  piece.check = fields.String("check");
  if (!IsCheckId(piece.check)) fields.Fail("check", "not a check's id");
  piece.params = fields.DigestOf("params");
  piece.profiles = fields.StringSet("profiles");
  const Json* values = fields.Object("values");
  TOM_RETURN_IF_ERROR(fields.Finish());
  TOM_RETURN_IF_ERROR(ReadValues(values, piece));
  if (ParamsDigest(piece.values) != piece.params) {
    return BadData("params.params: not the digest of the values");
  }
  return piece;
}

}  // namespace tom
