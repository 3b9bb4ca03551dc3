#include "checks/env/fake_env.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TEST(FakeEnv, BehavesLikeTheRealOne) {
  FakeEnv env;
  env.AddFile("/etc/file", "x")
      .AddLink("/etc/link", "/etc/file")
      .AddLink("/etc/up", "../../etc/link");
  env.AddLink("/etc/loop", "loop").AddError("/etc/secret", absl::PermissionDeniedError("no"));
  EXPECT_EQ(env.ReadFile("/etc/link", 10).value_or("?"), "x");
  EXPECT_EQ(env.ReadFile("/etc/up", 10).value_or("?"), "x");
  EXPECT_EQ(env.ReadFile("/etc/file", 0).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(env.ReadFile("/etc/loop", 10).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(env.ReadFile("/etc/secret/a", 10).status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(env.ReadFile("/etc", 10).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(env.ReadFile("/none", 10).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(env.Lstat("/etc/link")->kind, FileKind::kSymlink);
  EXPECT_EQ(env.ListDirectory("/etc")->size(), 4u);
  env.DenyAll();
  EXPECT_EQ(env.ReadFile("/etc/file", 10).status().code(), absl::StatusCode::kPermissionDenied);
}

TEST(FakeEnv, ABlockDeviceIsReadOnARunningHostAlone) {
  FakeEnv env;
  env.AddBlockDevice("/dev/sda", 0x800, "content").AddFile("/image", "content");
  EXPECT_EQ(*env.ReadRange("/dev/sda", 3, 2), "te");
  EXPECT_EQ(*env.ReadRange("/dev/sda", 70, 2), "");
  EXPECT_EQ(env.Stat("/dev/sda")->special_device, 0x800u);
  env.SetMode(RootMode::kDeadTree);
  EXPECT_TRUE(absl::IsFailedPrecondition(env.ReadRange("/dev/sda", 3, 2).status()));
  EXPECT_EQ(*env.ReadRange("/image", 0, 3), "con");
}

}  // namespace
}  // namespace tom
