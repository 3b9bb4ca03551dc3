#include "collector/ctl/catalogue_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace tom {
namespace {

Catalogue Before() {
  Catalogue catalogue;
  catalogue.version = 1;
  Check check;
  check.id = "tls";
  check.measure = "in-transit";
  check.title = "TLS is new enough";
  check.severity = "high";
  check.interval = "1h";
  check.runs_on = "host";
  check.query = "SELECT 1";
  check.when_empty = "unknown";
  check.parameters["minimum"] = {"TLSv1.2", "tls_version", "higher", ""};
  catalogue.checks["tls"] = check;
  Measure measure;
  measure.id = "in-transit";
  measure.title = "Encryption in transit";
  catalogue.measures["in-transit"] = measure;
  Profile profile;
  profile.id = "dpa";
  Clause clause;
  clause.clause = "B.1";
  clause.promise = "everything is encrypted on its way";
  clause.basis = "promised";
  clause.proof = "measured";
  clause.measures["in-transit"]["minimum"] = "TLSv1.2";
  profile.clauses = {clause};
  catalogue.profiles["dpa"] = profile;
  return catalogue;
}

std::string Diff(const std::function<void(Catalogue&)>& change) {
  Catalogue after = Before();
  after.version = 2;
  change(after);
  std::string text;
  for (const CatalogueChange& one : DiffCatalogues(Before(), after)) {
    text.append(one.kind).append(" ").append(one.id).append(" ").append(one.change);
    if (!one.what.empty()) text.append(": ").append(one.what);
    text.append("\n");
  }
  return text;
}

TEST(CatalogueDiff, NamesWhatChangesAndWhatGetsLooser) {
  const struct {
    const char* expected;
    std::function<void(Catalogue&)> change;
  } cases[] = {
      {"", [](Catalogue&) {}},
      {"check tls changed: interval 1h -> 24h\n",
       [](Catalogue& c) { c.checks["tls"].interval = "24h"; }},
      {"check tls changed: query\n",
       [](Catalogue& c) { c.checks["tls"].query = "SELECT 1\nWHERE 2"; }},
      {"check tls changed: parameter minimum TLSv1.2 -> TLSv1.1, looser\n",
       [](Catalogue& c) { c.checks["tls"].parameters["minimum"].value = "TLSv1.1"; }},
      {"check tls changed: parameter minimum removed\n",
       [](Catalogue& c) { c.checks["tls"].parameters.clear(); }},
      {"check tls changed: counts -> on trial until 1970-01-01T01:00:00Z\n",
       [](Catalogue& c) { c.observed["tls"] = kHour; }},
      {"check new added: on trial\n",
       [](Catalogue& c) {
         c.checks["new"] = c.checks["tls"];
         c.checks["new"].id = "new";
         c.observed["new"] = std::nullopt;
       }},
      {"check tls removed\n", [](Catalogue& c) { c.checks.clear(); }},
      {"measure in-transit changed: title Encryption in transit -> Encrypted\n",
       [](Catalogue& c) { c.measures["in-transit"].title = "Encrypted"; }},
      {"profile dpa changed: clause B.1 measures {\"in-transit\":{\"minimum\":\"TLSv1.2\"}} -> "
       "{\"in-transit\":{\"minimum\":\"TLSv1.3\"}}; tls minimum TLSv1.2 -> TLSv1.3, stricter\n",
       [](Catalogue& c) {
         c.profiles["dpa"].clauses[0].measures["in-transit"]["minimum"] = "TLSv1.3";
       }},
      {"profile dpa changed: clause B.1 removed\n",
       [](Catalogue& c) {
         c.profiles["dpa"].clauses.clear();
         c.checks["tls"].parameters["minimum"].value = "TLSv1.2";
       }},
      {"profile dpa changed: source_incomplete 0 -> 1\n",
       [](Catalogue& c) { c.profiles["dpa"].source_incomplete = true; }},
      {"authority 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881 added\n",
       [](Catalogue& c) { c.authorities.emplace_back("x"); }},
  };
  for (const auto& one : cases) EXPECT_EQ(Diff(one.change), one.expected);
}

}  // namespace
}  // namespace tom
