#include "checks/parse/cpu_info.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TEST(CpuInfo, CountsThreadsCoresAndSockets) {
  std::string text;
  for (int i = 0; i < 8; ++i) {
    text += "processor\t: " + std::to_string(i) +
            "\ncpu family\t: 6\nmodel name\t: A: B @ 2 GHz\n" +
            "microcode\t: 0x1\nphysical id\t: " + std::to_string(i / 4) +
            "\ncore id\t\t: " + std::to_string(i % 2) + "\n\n";
  }
  const CpuInfo info = ParseCpuInfo(text);
  EXPECT_EQ(info.logical_cores, 8);
  EXPECT_EQ(info.physical_cores, 4);
  EXPECT_EQ(info.sockets, 2);
  EXPECT_EQ(info.brand, "A: B @ 2 GHz");
  EXPECT_EQ(info.microcode, "0x1");
  EXPECT_EQ(info.family, "6");
}

TEST(CpuInfo, SaysWhatAnArmKernelDoesNot) {
  const CpuInfo info = ParseCpuInfo("processor\t: 0\nprocessor\t: 1\nno colon\n");
  EXPECT_EQ(info.logical_cores, 2);
  EXPECT_EQ(info.physical_cores, 2);
  EXPECT_EQ(info.sockets, 0);
  EXPECT_EQ(info.brand, "");
  EXPECT_EQ(ParseCpuInfo("").logical_cores, 0);
}

TEST(CpuInfo, ReadsMemory) {
  EXPECT_EQ(MemoryBytes("MemTotal:       16384 kB\nMemFree: 1 kB\n"), 16777216);
  EXPECT_EQ(MemoryBytes("MemFree: 1 kB\n"), std::nullopt);
  EXPECT_EQ(MemoryBytes("MemTotal: -1 kB\n"), std::nullopt);
  EXPECT_EQ(MemoryBytes("MemTotal: 9223372036854775807 kB\n"), std::nullopt);
}

}  // namespace
}  // namespace tom
