#include "checks/parse/datadog_registry.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TEST(DatadogRegistry, SaysWhenSomethingOfEachSourceWasLastTaken) {
  const auto times = ParseDatadogRegistry(
      R"({"Version":2,"Registry":{"file:/var/log/a":{"LastUpdated":"2026-01-12T01:01:01.000000001Z",)"
      R"("Offset":"12","TailingMode":"end"},"journald:default":{"LastUpdated":"2026-01-12T01:01:02Z",)"
      R"("Offset":"s=1"}}})");
  ASSERT_TRUE(times.ok()) << times.status();
  EXPECT_EQ(times->size(), 2u);
  EXPECT_EQ(times->at("file:/var/log/a"), 1768179661);
  EXPECT_EQ(times->at("journald:default"), 1768179662);
  EXPECT_TRUE(ParseDatadogRegistry(R"({"Version":3,"Registry":{}})")->empty());
}

TEST(DatadogRegistry, WhatIsNoneIsRefused) {
  for (const char* bad : {"", "{}", "[]", R"({"Version":2})", R"({"Version":9,"Registry":{}})",
                          R"({"Version":2,"Registry":[]})", R"({"Version":2,"Registry":{"a":{}}})",
                          R"({"Version":2,"Registry":{"a":{"LastUpdated":"soon"}}})"}) {
    EXPECT_FALSE(ParseDatadogRegistry(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace tom
