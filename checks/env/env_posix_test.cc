#include "checks/env/env_posix.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace tom {
namespace {

namespace fs = std::filesystem;

class PosixEnvTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "tom_env_XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    fs::create_directories(root_ / "etc");
    std::ofstream(root_ / "etc/file") << "inside\n";
    std::ofstream(root_ / "etc/empty") << "";
    fs::create_symlink("/etc/file", root_ / "etc/absolute");
    fs::create_symlink("../../../../../../etc/file", root_ / "etc/climbing");
    fs::create_symlink("loop", root_ / "etc/loop");
    fs::create_symlink("/proc/self/exe", root_ / "etc/magic");
    mkfifo((root_ / "etc/fifo").c_str(), 0600);
    auto env = OpenPosixEnv(RootMode::kDeadTree, root_.string());
    ASSERT_TRUE(env.ok()) << env.status();
    env_ = *std::move(env);
  }
  void TearDown() override { fs::remove_all(root_); }

  fs::path root_;
  std::unique_ptr<Env> env_;
};

TEST_F(PosixEnvTest, LinksAreResolvedInsideTheRoot) {
  for (const char* path :
       {"/etc/file", "etc/file", "/etc/absolute", "/etc/climbing", "/../etc/file"}) {
    const auto text = env_->ReadFile(path);
    ASSERT_TRUE(text.ok()) << path << ": " << text.status();
    EXPECT_EQ(*text, "inside\n") << path;
  }
}

TEST_F(PosixEnvTest, ARangeIsReadOfStoredBytesAlone) {
  const auto range = [&](const char* path, uint64_t offset, size_t bytes) {
    const auto read = env_->ReadRange(path, offset, bytes);
    return read.ok() ? *read : std::string(absl::StatusCodeToString(read.status().code()));
  };
  EXPECT_EQ(range("/etc/file", 2, 3), "sid");
  EXPECT_EQ(range("/etc/absolute", 4, 100), "de\n");
  EXPECT_EQ(range("/etc/file", 7, 1), "");
  EXPECT_EQ(range("/etc/file", 1 << 20, 1), "");
  EXPECT_EQ(range("/etc/file", uint64_t{1} << 63, 1), "FAILED_PRECONDITION");
  EXPECT_EQ(range("/etc/file", 0, kMaxRangeBytes + 1), "RESOURCE_EXHAUSTED");
  EXPECT_EQ(range("/etc/none", 0, 1), "NOT_FOUND");
  EXPECT_EQ(range("/etc/fifo", 0, 1), "FAILED_PRECONDITION");
  EXPECT_EQ(range("/etc", 0, 1), "FAILED_PRECONDITION");
  const auto live = OpenPosixEnv(RootMode::kLive, "/");
  ASSERT_TRUE(live.ok());
  EXPECT_TRUE(absl::IsFailedPrecondition((*live)->ReadRange("/dev/zero", 0, 1).status()));
}

TEST_F(PosixEnvTest, WhatIsNoReadableRegularFileIsAnErrorOfItsKind) {
  struct Case {
    std::string path;
    absl::StatusCode code;
  };
  const Case cases[] = {{"/etc/none", absl::StatusCode::kNotFound},
                        {"/etc/file/below", absl::StatusCode::kNotFound},
                        {"/etc/fifo", absl::StatusCode::kFailedPrecondition},
                        {"/etc/loop", absl::StatusCode::kFailedPrecondition},
                        {"/etc", absl::StatusCode::kFailedPrecondition},
                        {"/etc/magic", absl::StatusCode::kNotFound},
                        {std::string("/etc/file\0x", 11), absl::StatusCode::kFailedPrecondition},
                        {"", absl::StatusCode::kFailedPrecondition}};
  for (const Case& c : cases) {
    EXPECT_EQ(env_->ReadFile(c.path).status().code(), c.code)
        << c.path << ": " << env_->ReadFile(c.path).status();
  }
}

TEST_F(PosixEnvTest, SizesAreBounded) {
  EXPECT_TRUE(env_->ReadFile("/etc/file", 7).ok());
  EXPECT_EQ(env_->ReadFile("/etc/file", 6).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(env_->ReadFile("/etc/empty", 0).value_or("?"), "");
}

TEST_F(PosixEnvTest, DirectoriesAndLinksTellWhatTheyAre) {
  const std::vector<std::string> names = {"absolute", "climbing", "empty", "fifo",
                                          "file",     "loop",     "magic"};
  EXPECT_EQ(env_->ListDirectory("/etc").value_or(std::vector<std::string>{}), names);
  EXPECT_EQ(env_->Lstat("/etc/loop")->kind, FileKind::kSymlink);
  EXPECT_EQ(env_->Stat("/etc/absolute")->kind, FileKind::kRegular);
  EXPECT_EQ(env_->ReadLink("/etc/absolute").value_or("?"), "/etc/file");
  EXPECT_EQ(env_->ReadLink("/etc/file").status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(env_->StatFs("/etc").ok());
}

TEST_F(PosixEnvTest, NothingIsExecutedInADeadTree) {
  EXPECT_EQ(
      env_->RunProgram({.path = "/usr/bin/id", .arguments = {}, .environment = {}}).status().code(),
      absl::StatusCode::kUnimplemented);
}

TEST(PosixEnv, LinksOfProcessesAreReadAsTheyAreNow) {
  const auto env = OpenPosixEnv(RootMode::kLive, "/");
  ASSERT_TRUE(env.ok());
  const std::string folder = "/proc/" + std::to_string(getpid()) + "/fd/";
  for (int i = 0; i < 2; ++i) {  // the folder stays open, what is in it is read anew
    const int one = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::string path = folder + std::to_string(one);
    EXPECT_EQ((*env)->ReadLink(path).value_or("?"), "/");
    const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    EXPECT_EQ((*env)->ReadLink(folder + std::to_string(null)).value_or("?"), "/dev/null");
    close(null);
    close(one);
    EXPECT_EQ((*env)->ReadLink(path).status().code(), absl::StatusCode::kNotFound);
  }
  EXPECT_EQ((*env)->ReadLink("/proc/self").value_or("?"), std::to_string(getpid()));
  EXPECT_EQ((*env)->ReadLink("/proc/self/stat").status().code(),
            absl::StatusCode::kFailedPrecondition);
  for (const char* path : {"/proc/self/fd/..", "/proc/self/fd/.", "/proc/self/fd/", "/proc/"}) {
    EXPECT_FALSE((*env)->ReadLink(path).ok()) << path;
  }
  EXPECT_EQ((*env)->ReadLink("/proc/self/nowhere/1").status().code(), absl::StatusCode::kNotFound);
}

TEST(PosixEnv, OnlyListedProgramsRunOnTheLiveHost) {
  const auto env = OpenPosixEnv(RootMode::kLive, "/");
  ASSERT_TRUE(env.ok());
  for (const char* path :
       {"/bin/sh", "/usr/bin/id", "restic", "/usr/bin/../bin/id", "/usr/bin/env"}) {
    EXPECT_EQ(
        (*env)->RunProgram({.path = path, .arguments = {}, .environment = {}}).status().code(),
        absl::StatusCode::kPermissionDenied)
        << path;
  }
  const auto result =
      (*env)->RunProgram({.path = "/usr/bin/restic", .arguments = {"version"}, .environment = {}});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->output.starts_with("restic ")) << result->output;
  EXPECT_EQ(result->exit_status, 0);
}

}  // namespace
}  // namespace tom
