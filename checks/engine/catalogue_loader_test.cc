#include "checks/engine/catalogue_loader.h"

#include <gtest/gtest.h>

#include "checks/engine/profile_yaml.h"
#include "checks/env/fake_env.h"

namespace tom {
namespace {

constexpr char kMeasure[] = "id: m\ntitle: T\nstatement: S\nreferences: {gdpr: [\"32\"]}\n";
constexpr char kCheck[] =
    "id: c\nmeasure: m\ntitle: T\nseverity: high\ninterval: 1h\nruns_on: host\nwhen_empty: "
    "unknown\n"
    "parameters: {max_age: {value: 26h, stricter: lower}}\nquery: SELECT 1\n";

std::string ProfileText(const std::string& value) {
  return "id: p\nagreement: {title: A, version: v, effective_from: 2025-09-01, effective_to: "
         "2026-08-31}\n"
         "time_zone: Europe/Stockholm\nclauses:\n"
         "  - {clause: \"1\", promise: p, basis: promised, proof: measured, measures: {m: "
         "{max_age: " +
         value + "}}}\nthresholds: {coverage_satisfied: 0.90, remedy: {high: 30d}}\n";
}

FakeEnv Files() {
  FakeEnv env;
  env.AddFile("/c/measures/m/measure.yaml", kMeasure).AddFile("/c/measures/m/c.yaml", kCheck);
  env.AddFile("/c/profiles/p.yaml", ProfileText("12h"));
  return env;
}

TEST(CatalogueLoader, JoinsMeasuresChecksAndProfiles) {
  FakeEnv env = Files();
  const auto loaded = LoadCatalogue(env, "/c");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  const Check& check = loaded->catalogue.checks.at("c");
  EXPECT_EQ(ProfileValues(check, loaded->catalogue.profiles.at("p")).at("max_age"), Json("12h"));
  EXPECT_EQ(loaded->sources.at("c").file, "/c/measures/m/c.yaml");
}

TEST(CatalogueLoader, WhatDoesNotFitNamesTheFile) {
  struct Case {
    const char* path;
    std::string text;
    const char* message;
  };
  const Case cases[] = {
      {"/c/measures/m/other.yaml", kCheck, "other.yaml: id: expected other"},
      {"/c/measures/n/measure.yaml", kMeasure, "n/measure.yaml: id: expected n"},
      {"/c/measures/m/measure.yaml", "id: m\ntitel: T\nstatement: S\n", "measure.yaml:2:8: titel"},
      {"/c/profiles/p.yaml", ProfileText("soon"), "clause 1: m.max_age: a duration"},
      {"/c/profiles/q.yaml", ProfileText("12h"), "q.yaml: id: expected q"},
      {"/c/measures/empty/readme", "", "empty/measure.yaml"},
  };
  for (const Case& c : cases) {
    FakeEnv env = Files();
    env.AddFile(c.path, c.text);
    const auto loaded = LoadCatalogue(env, "/c");
    ASSERT_FALSE(loaded.ok()) << c.path;
    EXPECT_NE(std::string(loaded.status().message()).find(c.message), std::string::npos)
        << loaded.status();
  }
}

TEST(CatalogueLoader, SiteChecksCannotTakeAShippedId) {
  FakeEnv env = Files();
  auto loaded = LoadCatalogue(env, "/c");
  ASSERT_TRUE(loaded.ok());
  EXPECT_TRUE(AddSiteChecks(env, "/none", *loaded).ok());
  env.AddFile("/site/c.yaml", kCheck);
  EXPECT_FALSE(AddSiteChecks(env, "/site", *loaded).ok());
  env.AddFile("/site/c.yaml", "id: site/c" + std::string(kCheck).substr(5));
  const absl::Status status = AddSiteChecks(env, "/site", *loaded);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(loaded->catalogue.checks.count("site/c"), 1u);
}

TEST(ProfileYaml, DatesAreTheProfilesZone) {
  const auto profile = ParseProfileYaml(ProfileText("1h"), "p.yaml");
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_EQ(FormatUtc(profile->effective_from), "2025-08-31T22:00:00Z");
  EXPECT_EQ(FormatUtc(profile->effective_to), "2026-08-31T22:00:00Z");  // the last day counts whole
  EXPECT_EQ(profile->thresholds.coverage_satisfied_ppm, 900000);
  EXPECT_EQ(profile->thresholds.remedy_seconds.at("high"), 30 * kDay);
}

TEST(ProfileYaml, ErrorsNameTheirPlace) {
  struct Case {
    std::string from;
    std::string to;
    const char* message;
  };
  const Case cases[] = {
      {"2025-09-01", "2025-09-31", "agreement.effective_from"},
      {"Europe/Stockholm", "Europe/Nowhere", "unknown time zone"},
      {"0.90", "1.5", "thresholds.coverage_satisfied"},
      {"high: 30d", "hihg: 30d", "thresholds.remedy.hihg: unknown key"},
      {"basis: promised", "basis: hoped", "basis: expected promised"},
      {"clause: \"1\", ", "", "clauses.clause: missing"},
  };
  for (const Case& c : cases) {
    std::string text = ProfileText("1h");
    text.replace(text.find(c.from), c.from.size(), c.to);
    const auto profile = ParseProfileYaml(text, "p.yaml");
    ASSERT_FALSE(profile.ok()) << c.to;
    EXPECT_NE(std::string(profile.status().message()).find(c.message), std::string::npos)
        << profile.status();
  }
}

}  // namespace
}  // namespace tom
