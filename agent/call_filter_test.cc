#include "agent/call_filter.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <functional>

namespace tom {
namespace {

// In a child under the filter; 0 for success, else errno, 255 where the filter cannot be loaded.
int Under(CallFilter& filter, const std::function<int64_t()>& call) {
  const pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (!filter.Load().ok()) _exit(255);
    errno = 0;
    _exit(call() < 0 ? errno : 0);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 254;
}

class CallFilterTest : public testing::Test {
 protected:
  void SetUp() override { close(mkstemp(path_)); }
  void TearDown() override { unlink(path_); }

  mode_t Mode() const {
    struct stat info {};
    stat(path_, &info);
    return info.st_mode & 07777;
  }

  char path_[32] = "/tmp/call_filter_XXXXXX";
};

TEST_F(CallFilterTest, AnEmptyOneRefusesNothing) {
  CallFilter filter;
  EXPECT_EQ(Under(filter, [&] { return chmod(path_, 0640); }), 0);
  EXPECT_EQ(Mode(), 0640u);
}

TEST_F(CallFilterTest, RefusesWithTheErrorThatIsAskedFor) {
  CallFilter filter;
  filter.Refuse(SCMP_SYS(fchmodat), EPERM);
  filter.Refuse(SCMP_SYS(chmod), EPERM);
  EXPECT_EQ(Under(filter, [&] { return chmod(path_, 0640); }), EPERM);
  EXPECT_EQ(Mode(), 0600u);
}

TEST_F(CallFilterTest, ZeroIsASuccessThatDoesNothing) {
  CallFilter filter;
  filter.Refuse(SCMP_SYS(chmod), 0, {MaskedEqual(1, S_ISUID, S_ISUID)});
  EXPECT_EQ(Under(filter, [&] { return syscall(SYS_chmod, path_, 04700); }), 0);
  EXPECT_EQ(Mode(), 0600u);
  EXPECT_EQ(Under(filter, [&] { return syscall(SYS_chmod, path_, 0700); }), 0) << "other bits";
  EXPECT_EQ(Mode(), 0700u);
}

TEST_F(CallFilterTest, TheHostsCallsAreRefused) {
  CallFilter filter;
  filter.Refuse(CallsOfTheHost(), EPERM);
  EXPECT_EQ(Under(filter, [] { return mount("none", "/", "tmpfs", 0, nullptr); }), EPERM);
  EXPECT_EQ(Under(filter, [] { return unshare(0); }), EPERM);
  EXPECT_EQ(Under(filter, [] { return syscall(SYS_bpf, 0, nullptr, 0); }), EPERM);
  EXPECT_EQ(Under(filter, [&] { return open(path_, O_WRONLY); }), 0);
}

// What an older kernel would say, so that the caller falls back on a call that is known.
TEST_F(CallFilterTest, NewerWaysToChangeModesDoNotExist) {
  CallFilter filter;
  filter.Refuse(NewerCalls(), ENOSYS);
  constexpr int kFchmodat2 = 452;
  EXPECT_EQ(Under(filter, [&] { return syscall(kFchmodat2, AT_FDCWD, path_, 04700, 0); }), ENOSYS);
  EXPECT_EQ(Mode(), 0600u);
}

}  // namespace
}  // namespace tom
