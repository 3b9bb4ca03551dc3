// Real cages, which take root's rights. Each is made in a process of its own, for it changes the
// process.
#include "agent/drill/worker.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>

namespace tom {
namespace {

namespace fs = std::filesystem;

constexpr uid_t kUser = 65529;

class WorkerTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(geteuid(), 0U) << "mounting needs root";
    std::string name = testing::TempDir() + "cageXXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }

  // What `test` says in a child: empty where all is well.
  std::string InCage(const std::function<std::string(Cage&)>& test) {
    int ends[2];
    if (pipe(ends) != 0) return "no pipe";
    const pid_t child = fork();
    if (child == 0) {
      close(ends[0]);
      auto cage = Cage::Make({.mount_point = folder_.string(),
                              .uid = kUser,
                              .gid = kUser,
                              .scratch_bytes = 4 << 20,
                              .scratch_files = 100});
      const std::string said = cage.ok() ? test(*cage) : std::string(cage.status().message());
      static_cast<void>(!write(ends[1], said.data(), said.size()));
      _exit(0);
    }
    close(ends[1]);
    std::string said;
    char chunk[1024];
    for (ssize_t got = 1; (got = read(ends[0], chunk, sizeof(chunk))) > 0;) {
      said.append(chunk, static_cast<size_t>(got));
    }
    close(ends[0]);
    waitpid(child, nullptr, 0);
    return said;
  }

  // Runs `inside` in a worker; what it prints, or the error.
  std::string Inside(const std::function<int()>& inside, int64_t deadline_ms = 5000) {
    return InCage([&](Cage& cage) -> std::string {
      if (!cage.Seal().ok()) return "not sealed";
      WorkerRequest request;
      request.inside = inside;
      request.deadline_ms = deadline_ms;
      const auto result = RunWorker(cage, request);
      if (!result.ok()) return std::string(result.status().message());
      return result->output + result->error + std::to_string(result->exit_status);
    });
  }

  fs::path folder_;
};

TEST_F(WorkerTest, BitsAreLostAndDevicesRefused) {
  EXPECT_EQ(Inside([] {
              const int fd = open("file", O_CREAT | O_WRONLY | O_EXCL, 0600);
              struct stat info {};
              if (fd < 0 || fchmod(fd, 04755) != 0 || chmod("file", 02755) != 0) return 10;
              if (fstat(fd, &info) != 0 || (info.st_mode & 06000) != 0) return 11;
              if (fchown(fd, 0, 0) != 0 || fsetxattr(fd, "security.x", "x", 1, 0) != 0) return 15;
              if (fstat(fd, &info) != 0 || info.st_uid != kUser) return 16;
              if (mknod("device", S_IFCHR | 0600, makedev(1, 5)) == 0) return 12;
              if (mknod("pipe", S_IFIFO | 0600, 0) == 0) return 13;
              if (chmod("file", 0640) != 0) return 14;
              return 0;
            }),
            "0");
}

TEST_F(WorkerTest, ThereIsNoWayOut) {
  EXPECT_EQ(Inside([] {
              if (getuid() != kUser || setuid(0) == 0 || getpid() != 1) return 10;
              if (open("/etc/shadow", O_RDONLY) >= 0 || access("/home", F_OK) == 0) return 11;
              if (open("/usr/written", O_CREAT | O_WRONLY, 0600) >= 0) return 12;
              if (open("/written", O_CREAT | O_WRONLY, 0600) >= 0) return 13;
              if (open("/secret/password", O_RDONLY) >= 0 && errno == 0) return 14;
              if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0)
                return 15;
              if (unshare(CLONE_NEWUSER) == 0 || chroot("/scratch") == 0) return 16;
              if (access("/proc/1", F_OK) == 0 || access("../../../../etc/shadow", F_OK) == 0)
                return 17;
              return 0;
            }),
            "0");
}

TEST_F(WorkerTest, ScratchIsBounded) {
  EXPECT_EQ(Inside([] {
              signal(SIGXFSZ, SIG_IGN);
              const int fd = open("sparse", O_CREAT | O_WRONLY, 0600);
              if (ftruncate(fd, off_t{1} << 40) == 0) return 10;
              static const std::string block(1 << 20, 'x');
              for (int i = 0; i < 16; ++i) {
                const int more = open(std::to_string(i).c_str(), O_CREAT | O_WRONLY, 0600);
                if (write(more, block.data(), block.size()) < static_cast<ssize_t>(block.size())) {
                  return 0;
                }
              }
              return 11;
            }),
            "0");
  EXPECT_EQ(Inside([] {
              for (int i = 0; i < 1000; ++i) {
                if (open(std::to_string(i).c_str(), O_CREAT | O_WRONLY, 0600) < 0) return 0;
              }
              return 10;
            }),
            "0");
}

TEST_F(WorkerTest, WhatItStartedEndsWithIt) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(Inside(
                [] {
                  if (fork() == 0) {
                    setsid();
                    while (true) pause();
                  }
                  while (true) pause();
                  return 0;
                },
                300),
            "it was ended: no time is left");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
}

TEST_F(WorkerTest, TooMuchOutputAndEndlessLinesEndIt) {
  EXPECT_EQ(InCage([](Cage& cage) -> std::string {
              WorkerRequest request;
              request.deadline_ms = 5000;
              request.inside = [] {
                const std::string line(1 << 20, 'x');
                while (write(1, line.data(), line.size()) > 0) {
                }
                return 0;
              };
              const auto kept = RunWorker(cage, request);
              request.on_line = [](std::string_view) { return absl::OkStatus(); };
              const auto lines = RunWorker(cage, request);
              return std::string(kept.status().message()) + "; " +
                     std::string(lines.status().message());
            }),
            "it wrote too much; a line without end");
}

TEST_F(WorkerTest, ScratchIsGoneAfterwards) {
  EXPECT_EQ(InCage([](Cage& cage) -> std::string {
              WorkerRequest request;
              request.deadline_ms = 5000;
              request.inside = [] { return open("x", O_CREAT | O_WRONLY, 0600) >= 0 ? 0 : 1; };
              if (!RunWorker(cage, request).ok()) return "not run";
              if (faccessat(cage.scratch(), "x", F_OK, 0) != 0) return "not there before";
              const absl::Status wiped = cage.Wipe();
              if (!wiped.ok()) return std::string(wiped.message());
              return access((cage.root() + "/scratch/out").c_str(), F_OK) == 0 ? "left" : "";
            }),
            "");
  // And in this process's own view nothing was ever mounted.
  EXPECT_TRUE(fs::is_empty(folder_));
  std::ifstream mounts("/proc/self/mountinfo");
  const std::string all((std::istreambuf_iterator<char>(mounts)), {});
  EXPECT_EQ(all.find(folder_.string()), std::string::npos);
}

TEST_F(WorkerTest, ASecretIsTheUsersAlone) {
  EXPECT_EQ(InCage([](Cage& cage) -> std::string {
              if (!cage.AddSecret("password", "x").ok() || !cage.Seal().ok()) return "not added";
              struct stat info {};
              if (stat((cage.root() + "/secret/password").c_str(), &info) != 0) return "not there";
              const bool own = info.st_uid == kUser && (info.st_mode & 07777) == 0400;
              WorkerRequest request;
              request.deadline_ms = 5000;
              request.command = {"/usr/bin/cat", "/secret/password"};
              const auto result = RunWorker(cage, request);
              return result.ok() && own ? result->output : "not read";
            }),
            "x");
}

}  // namespace
}  // namespace tom
