#include "agent/plan.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

Catalogue Example() {
  Catalogue catalogue;
  catalogue.measures["backup"].id = "backup";
  Check check;
  check.id = "age";
  check.measure = "backup";
  check.runs_on = "host";
  check.parameters["max_age"] = {
      .value = "26h", .type = "duration", .stricter = "lower", .personal = ""};
  catalogue.checks["age"] = check;
  check.id = "other";
  check.measure = "elsewhere";
  catalogue.checks["other"] = check;
  check.id = "away";
  check.measure = "backup";
  check.runs_on = "collector";
  catalogue.checks["away"] = check;
  for (const auto& [id, age] :
       std::map<std::string, std::string>{{"a", "26h"}, {"b", "26h"}, {"c", "12h"}}) {
    Clause clause;
    clause.clause = "1";
    clause.measures["backup"]["max_age"] = age;
    catalogue.profiles[id].id = id;
    catalogue.profiles[id].clauses = {clause};
  }
  return catalogue;
}

TEST(Plan, ACheckRunsOncePerDistinctValues) {
  const auto plan =
      MakePlan(Example(), {}, {.profiles = {"a", "b", "c"}, .measure = "", .check = ""});
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->jobs.size(), 2u);
  size_t profiles = 0;
  for (const CheckJob& job : plan->jobs) {
    EXPECT_EQ(job.check.id, "age");
    EXPECT_EQ(job.sources.at("max_age"), "profile");
    profiles += job.profiles.size();
  }
  EXPECT_EQ(profiles, 3u);
}

TEST(Plan, WithoutAProfileEveryHostCheckRuns) {
  const auto plan = MakePlan(Example(), {}, {.profiles = {}, .measure = "", .check = ""});
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->jobs.size(), 2u);
}

TEST(Plan, TheHostTightensAndNeverLoosens) {
  AgentConfig config;
  config.parameters["backup"]["max_age"] = "6h";
  auto plan = MakePlan(Example(), config, {.profiles = {"a"}, .measure = "", .check = ""});
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->jobs[0].values.at("max_age"), Json("6h"));
  EXPECT_EQ(plan->jobs[0].sources.at("max_age"), "host");
  EXPECT_TRUE(plan->overrides.empty());
  config.parameters["backup"]["max_age"] = "48h";
  plan = MakePlan(Example(), config, {.profiles = {"a"}, .measure = "", .check = ""});
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->jobs[0].values.at("max_age"), Json("26h"));
  EXPECT_EQ(plan->jobs[0].sources.at("max_age"), "profile");
  ASSERT_EQ(plan->overrides.size(), 1u);
  EXPECT_EQ(plan->overrides[0].host_value, "48h");
}

TEST(Plan, WhatIsNotThereIsSaid) {
  EXPECT_TRUE(absl::IsNotFound(
      MakePlan(Example(), {}, {.profiles = {"z"}, .measure = "", .check = ""}).status()));
  EXPECT_TRUE(absl::IsNotFound(
      MakePlan(Example(), {}, {.profiles = {}, .measure = "z", .check = ""}).status()));
  EXPECT_TRUE(absl::IsNotFound(
      MakePlan(Example(), {}, {.profiles = {}, .measure = "", .check = "z"}).status()));
  AgentConfig config;
  config.parameters["backup"]["max_aeg"] = "6h";
  EXPECT_FALSE(MakePlan(Example(), config, {.profiles = {}, .measure = "", .check = ""}).ok());
  config.parameters = {{"backup", {{"max_age", Json("soon")}}}};
  EXPECT_FALSE(MakePlan(Example(), config, {.profiles = {}, .measure = "", .check = ""}).ok());
}

}  // namespace
}  // namespace tom
