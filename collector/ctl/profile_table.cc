#include "collector/ctl/profile_table.h"

#include <set>

#include "collector/ctl/listing.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// Written as text, for canonical JSON has no empty list and scripts expect one.
std::string ListText(const std::vector<std::string>& items) {
  return items.empty() ? "[]" : Canonical(StringArray(items));
}

std::string ParametersText(const Clause& clause) {
  std::string out;
  for (const auto& [measure, values] : clause.measures) {
    std::string members;
    for (const auto& [name, value] : values) {
      const bool empty = value.IsArray() && value.AsArray().empty();
      members += (members.empty() ? "" : ",") + Canonical(Json(name)) + ":" +
                 (empty ? "[]" : Canonical(value));
    }
    if (members.empty()) continue;
    out += (out.empty() ? "" : ",") + Canonical(Json(measure)) + ":{" + members + "}";
  }
  return "{" + out + "}";
}

std::string ClauseText(const Clause& clause, const Catalogue& catalogue) {
  std::vector<std::string> measures;
  std::vector<std::string> checks;
  for (const auto& [measure, values] : clause.measures) {
    measures.push_back(measure);
    for (const auto& [id, check] : catalogue.checks) {
      if (check.measure == measure) checks.push_back(id);
    }
  }
  return "{\"clause\":" + Canonical(Json(clause.clause)) +
         ",\"promise\":" + Canonical(Json(clause.promise)) +
         ",\"reading\":" + Canonical(Json(clause.reading)) +
         ",\"basis\":" + Canonical(Json(clause.basis)) +
         ",\"proof\":" + Canonical(Json(clause.proof)) + ",\"measures\":" + ListText(measures) +
         ",\"checks\":" + ListText(checks) + ",\"parameters\":" + ParametersText(clause) + "}";
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
  std::string clauses;
  for (const Clause& clause : profile.clauses) {
    clauses += (clauses.empty() ? "" : ",") + ClauseText(clause, catalogue);
  }
  return "{\"profile\":" + Canonical(Json(profile.id)) +
         ",\"document\":" + Canonical(Json(profile.document)) + ",\"clauses\":[" + clauses + "]}";
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
