#include "checks/env/programs.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <chrono>

namespace tom {
namespace {

// RunChecked is tried with a shell, which CheckProgram would refuse.
ProgramRequest Shell(const std::string& script, int64_t deadline_ms = 5000) {
  return {.path = "/bin/sh",
          .arguments = {"-c", script},
          .environment = {"EXTRA=1"},
          .deadline_ms = deadline_ms,
          .max_output_bytes = 100000};
}

TEST(RunChecked, GivesOutputErrorAndStatus) {
  const auto result = RunChecked(Shell("echo out; echo err >&2; exit 3"));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->output, "out\n");
  EXPECT_EQ(result->error, "err\n");
  EXPECT_EQ(result->exit_status, 3);
}

TEST(RunChecked, TheChildHasNoInputNoDescriptorsAndACleanEnvironment) {
  setenv("TOM_TEST_LEAK", "1", 1);
  const auto result = RunChecked(Shell("cat; env; ls /proc/self/fd | wc -l; pwd"));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->output.find("TOM_TEST_LEAK"), std::string::npos) << result->output;
  EXPECT_NE(result->output.find("EXTRA=1"), std::string::npos);
  EXPECT_NE(result->output.find("\n4\n/\n"), std::string::npos)
      << result->output;  // 0, 1, 2 and ls's own
}

TEST(RunChecked, AProgramMayMapWhatTheHardLimitAllows) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_DATA, &before), 0);
  const rlimit tight{256 << 20, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_DATA, &tight), 0);
  const auto result = RunChecked(Shell("ulimit -d"));
  rlimit after{};
  getrlimit(RLIMIT_DATA, &after);
  setrlimit(RLIMIT_DATA, &before);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(after.rlim_cur, tight.rlim_cur);
  EXPECT_NE(result->output, std::to_string((256 << 20) / 1024) + "\n");
}

TEST(RunChecked, StopsOnceEnoughIsSaid) {
  ProgramRequest request =
      Shell("printf 'pack: does' >&2; sleep 0.1; echo ' not exist' >&2; sleep 30");
  request.enough = ": does not exist";
  const auto start = std::chrono::steady_clock::now();
  const auto result = RunChecked(request);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->error, "pack: does not exist\n");
  EXPECT_EQ(result->exit_status, 128 + SIGKILL);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(4));
}

TEST(RunChecked, KillsTheWholeGroupAtTheDeadline) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(RunChecked(Shell("sleep 30 & sleep 30", 200)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(RunChecked(Shell("exec >&- 2>&-; sleep 30", 200)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(RunChecked, OutputIsBounded) {
  EXPECT_EQ(RunChecked(Shell("yes")).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(RunChecked, AMissingProgramIsNotFound) {
  EXPECT_EQ(RunChecked({.path = "/usr/bin/none-such", .arguments = {}, .environment = {}})
                .status()
                .code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace tom
