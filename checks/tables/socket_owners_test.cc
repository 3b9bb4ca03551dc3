#include "checks/tables/socket_owners.h"

#include <gtest/gtest.h>

#include "checks/env/errno_status.h"
#include "checks/env/fake_env.h"

namespace tom {
namespace {

FakeEnv& AddProcess(FakeEnv& env, int pid, const std::string& net, uint64_t file) {
  const std::string directory = "/proc/" + std::to_string(pid);
  env.AddNode(directory + "/net/tcp", {.kind = FileKind::kRegular, .inode = file});
  if (net.empty()) return env.AddError(directory + "/ns", ErrnoStatus(EACCES, directory + "/ns"));
  return env.AddLink(directory + "/ns/net", net);
}

TEST(ListProcesses, TakesNumbersAlone) {
  FakeEnv env;
  for (const char* name : {"10", "9", "self", "0", "-1", "1a", "99999999999999999999"}) {
    env.AddDirectory(std::string("/proc/") + name);
  }
  const auto pids = ListProcesses(env);
  ASSERT_TRUE(pids.ok()) << pids.status();
  EXPECT_EQ(*pids, (std::vector<int64_t>{9, 10}));
}

TEST(FindSocketOwners, FindsEveryHolderThatMayBeSeen) {
  FakeEnv env;
  env.AddLink("/proc/1/fd/3", "socket:[100]")
      .AddLink("/proc/1/fd/4", "socket:[100]")
      .AddLink("/proc/1/fd/5", "socket:[999]")
      .AddLink("/proc/1/fd/6", "/dev/null")
      .AddLink("/proc/1/fd/7", "socket:[]")
      .AddLink("/proc/1/fd/8", "socket:[x]")
      .AddLink("/proc/2/fd/9", "socket:[100]")
      .AddLink("/proc/3/fd/9", "socket:[100]")
      .AddError("/proc/3/fd", ErrnoStatus(EACCES, "/proc/3/fd"));
  const SocketOwners owners = FindSocketOwners(env, {1, 2, 3, 4}, {100, 200});
  ASSERT_EQ(owners.size(), 1u);
  ASSERT_EQ(owners.at(100).size(), 3u);
  EXPECT_EQ(owners.at(100)[2].pid, 2);
  EXPECT_EQ(owners.at(100)[2].fd, 9);
  EXPECT_TRUE(FindSocketOwners(env, {1, 2}, {}).empty());
}

TEST(FindNetNamespaces, TellsThemApartEvenWhereTheirNamesMayNotBeRead) {
  FakeEnv env;
  AddProcess(env, 1, "", 11);  // the same namespace as 2
  AddProcess(env, 2, "net:[500]", 11);
  AddProcess(env, 3, "net:[600]", 22);
  AddProcess(env, 4, "", 33);   // one that nobody can name
  env.AddDirectory("/proc/5");  // ended meanwhile
  env.AddError("/proc/6", ErrnoStatus(EACCES, "/proc/6"));
  const NetNamespaces found = FindNetNamespaces(env, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(found.denied, 1u);
  ASSERT_EQ(found.members.size(), 3u);
  EXPECT_EQ(found.members.at("500"), (std::vector<int64_t>{2}));
  EXPECT_EQ(found.members.at("600"), (std::vector<int64_t>{3}));
  EXPECT_EQ(found.members.at("?33"), (std::vector<int64_t>{4}));
}

}  // namespace
}  // namespace tom
