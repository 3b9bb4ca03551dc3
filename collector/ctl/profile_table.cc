#include "collector/ctl/profile_table.h"

#include <nlohmann/json.hpp>
#include <set>

#include "collector/ctl/listing.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

using Out = nlohmann::ordered_json;

Out ToOut(const Json& value) { return Out::parse(Canonical(value)); }

Out ClauseToOut(const Clause& clause, const Catalogue& catalogue) {
  Out measures = Out::array();
  Out checks = Out::array();
  Out parameters = Out::object();
  for (const auto& [measure, values] : clause.measures) {
    measures.push_back(measure);
    for (const auto& [id, check] : catalogue.checks) {
      if (check.measure == measure) checks.push_back(id);
    }
    for (const auto& [name, value] : values) {
      const bool empty = value.IsArray() && value.AsArray().empty();
      parameters[measure][name] = empty ? Out::array() : ToOut(value);
    }
  }
  return {{"clause", clause.clause},     {"promise", clause.promise},
          {"reading", clause.reading},   {"basis", clause.basis},
          {"proof", clause.proof},       {"measures", std::move(measures)},
          {"checks", std::move(checks)}, {"parameters", std::move(parameters)}};
}

absl::StatusOr<std::string> OnlyValue(std::string_view json, const std::string& column,
                                      const std::string& what) {
  TOM_ASSIGN_OR_RETURN(const auto values, ListColumn(json, "", column));
  const std::set<std::string> distinct(values.begin(), values.end());
  if (distinct.size() == 1 && !distinct.begin()->empty()) return *distinct.begin();
  return absl::NotFoundError(
      ToAbsl(std::to_string(distinct.size()) + " " + what + " on record: name one"));
}

}  // namespace

std::string ProfileTable(const Profile& profile, const Catalogue& catalogue) {
  Out clauses = Out::array();
  for (const Clause& clause : profile.clauses) clauses.push_back(ClauseToOut(clause, catalogue));
  const Out out{
      {"profile", profile.id}, {"document", profile.document}, {"clauses", std::move(clauses)}};
  return out.dump(-1, ' ', false, Out::error_handler_t::replace);
}

absl::StatusOr<std::string> PublishedCatalogue(OperatorClient& client) {
  TOM_ASSIGN_OR_RETURN(const std::string json, client.Query("catalogue", {}));
  return OnlyValue(json, "digest", "catalogues");
}

absl::StatusOr<std::string> ProfileOrOnly(OperatorClient& client, const std::string& given) {
  if (!given.empty()) return given;
  TOM_ASSIGN_OR_RETURN(const std::string json, client.Query("profile", {}));
  return OnlyValue(json, "profile", "profiles");
}

}  // namespace tom
