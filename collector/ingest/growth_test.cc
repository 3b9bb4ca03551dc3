// The bar of the store: a cycle in which nothing changed grows the file by at most 300 bytes.
#include <gtest/gtest.h>

#include <filesystem>

#include "collector/server/test_collector.h"

namespace tom {
namespace {

constexpr int kCycles = 10'000;
constexpr int kHosts = 10;
constexpr double kMostBytes = 300;

TEST(StoreGrowth, AnUnchangedCycleOfThreeGroupsCostsAtMost300Bytes) {
  TestCollector box;
  std::vector<TestHost> hosts;
  for (int i = 0; i < kHosts; ++i) hosts.push_back(box.Enrol("web-" + std::to_string(i)));
  const auto cycle = [&] {
    for (TestHost& host : hosts) {
      ASSERT_EQ(box.Submit(host.Next(box.clock.Get()())).status, AckStatus::kAccepted);
    }
    box.clock.Advance(300);
  };
  for (int i = 0; i < 30; ++i) cycle();
  const std::string file = box.folder + "/state/store.db";
  box.Open();  // closing brings the write-ahead log into the file
  const auto before = static_cast<double>(std::filesystem::file_size(file));
  for (int i = 0; i < kCycles / kHosts; ++i) cycle();
  box.Open();
  const auto after = static_cast<double>(std::filesystem::file_size(file));
  const double bytes = (after - before) / kCycles;
  RecordProperty("bytes_per_cycle", std::to_string(bytes));
  std::printf("an unchanged cycle of three groups: %.1f bytes\n", bytes);
  EXPECT_LE(bytes, kMostBytes);
  EXPECT_GT(bytes, 100) << "a report cannot be kept in less: digest and signature alone are 96";
}

}  // namespace
}  // namespace tom
