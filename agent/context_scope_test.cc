#include "agent/context_scope.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

HostView View() {
  HostView host;
  host.controllers = {"alpha"};
  host.scopes = {{"b.example.org:443", false, {"beta"}}, {"/srv/beta", true, {"beta"}}};
  return host;
}

Json Parsed(const std::string& text) { return ParseCanonical(text).value(); }

TEST(ContextScope, WhoeverHasRowsSeesTheParameters) {
  HostView host = View();
  EXPECT_EQ(EveryScope(host), (std::vector<std::string>{"alpha", "beta"}));
  host.scopes.push_back({"/srv/all", true, {"shared"}});
  EXPECT_EQ(EveryScope(host), std::vector<std::string>{"shared"});
  EXPECT_EQ(EveryScope(HostView()), std::vector<std::string>{"shared"});
}

TEST(ContextScope, WhatSpeaksOfAnotherControllersSubjectStandsApart) {
  const Json configuration = Parsed(
      R"({"agent.yaml":{"data_paths":[{"controllers":["beta"],"path":"/srv/beta"}],)"
      R"("documents":[{"document":"P-1","subject":"/srv/beta/x"},{"document":"P-2","subject":"/y"}],)"
      R"("endpoints":[{"host":"a","port":1},{"controllers":["beta"],"host":"b","port":2}],)"
      R"("profiles":["p"]}})");
  const auto split = SplitConfiguration(View(), configuration);
  ASSERT_EQ(split.size(), 2u);
  EXPECT_EQ(Canonical(split.at({"alpha"})),
            R"({"agent.yaml":{"documents":[{"document":"P-2","subject":"/y"}],)"
            R"("endpoints":[{"host":"a","port":1}],"profiles":["p"]}})");
  EXPECT_EQ(Canonical(split.at({"beta"})),
            R"({"agent.yaml":{"data_paths":[{"controllers":["beta"],"path":"/srv/beta"}],)"
            R"("documents":[{"document":"P-1","subject":"/srv/beta/x"}],)"
            R"("endpoints":[{"controllers":["beta"],"host":"b","port":2}]}})");
}

TEST(ContextScope, WithoutOtherControllersTheConfigurationIsOnePiece) {
  HostView host;
  for (const char* text : {"{}", R"({"agent.yaml":{}})", R"({"agent.yaml":{"a":[1,"x"],"b":2}})"}) {
    const auto split = SplitConfiguration(host, Parsed(text));
    ASSERT_EQ(split.size(), 1u) << text;
    EXPECT_EQ(Canonical(split.at({"shared"})), text);
  }
}

}  // namespace
}  // namespace tom
