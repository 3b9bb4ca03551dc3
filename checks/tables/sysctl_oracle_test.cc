// Our reading of sysctl.d against systemd-sysctl's own, which really sets each tree's values in a
// network namespace of its own.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "checks/env/env_posix.h"
#include "checks/tables/sysctl_files.h"

namespace tom {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKeys[] = {"send_redirects", "log_martians", "shared_media"};
// The kernel hands a value of "default" down to lo: a case sets them both, or neither.
constexpr const char* kInterfaces[] = {"all", "default", "lo"};

struct Case {
  const char* name;
  std::vector<std::pair<std::string, std::string>> files;  // "->TARGET" is a link
};

const std::vector<Case> kCases = {
    {"nothing", {}},
    {"names",
     {{"etc/a.conf", "net.ipv4.conf.all.log_martians=1\nnet/ipv4/conf/lo/send_redirects = 0\n"}}},
    {"later",
     {{"etc/b.conf", "net.ipv4.conf.all.log_martians=1\n"},
      {"lib/z.conf", "net.ipv4.conf.all.log_martians=0\n"},
      {"lib/a.conf", "net.ipv4.conf.lo.log_martians=1\n"}}},
    {"same-name",
     {{"etc/b.conf", "net.ipv4.conf.all.log_martians=1\n"},
      {"lib/b.conf", "net.ipv4.conf.all.send_redirects=0\n"}}},
    {"run-over-lib",
     {{"run/b.conf", "net.ipv4.conf.all.log_martians=1\n"},
      {"lib/b.conf", "net.ipv4.conf.all.send_redirects=0\n"}}},
    {"masked",
     {{"etc/b.conf", "->/dev/null"}, {"lib/b.conf", "net.ipv4.conf.all.send_redirects=0\n"}}},
    {"masked-empty", {{"etc/b.conf", ""}, {"lib/b.conf", "net.ipv4.conf.all.send_redirects=0\n"}}},
    {"link-to-nowhere",
     {{"etc/b.conf", "->/no/such"}, {"lib/b.conf", "net.ipv4.conf.all.send_redirects=0\n"}}},
    {"dash", {{"etc/b.conf", "-net.ipv4.conf.all.log_martians = 1\n"}}},
    {"glob", {{"etc/b.conf", "net.ipv4.conf.*.log_martians = 1\n"}}},
    {"glob-without-one",
     {{"etc/b.conf", "net.ipv4.conf.[al]*.log_martians = 1\n-net.ipv4.conf.lo.log_martians\n"}}},
    {"name-before-glob",
     {{"etc/a.conf", "net.ipv4.conf.all.send_redirects=1\n"},
      {"etc/b.conf", "net.ipv4.conf.*.send_redirects=0\n"}}},
    {"two-globs",
     {{"etc/a.conf", "net.ipv4.conf.*.log_martians=1\nnet.ipv4.conf.l*.log_martians=0\n"}}},
    {"two-globs-again",
     {{"etc/a.conf", "net.ipv4.conf.*.log_martians=1\nnet.ipv4.conf.l*.log_martians=0\n"},
      {"etc/b.conf", "net.ipv4.conf.*.log_martians=1\n"}}},
    {"two-globs-changed",
     {{"etc/a.conf", "net.ipv4.conf.*.log_martians=0\nnet.ipv4.conf.l*.log_martians=0\n"},
      {"etc/b.conf", "net.ipv4.conf.*.log_martians=1\n"}}},
    {"braces-and-classes", {{"etc/a.conf", "net.ipv4.conf.[al]*.log_martians=1\n"}}},
    {"comments",
     {{"etc/a.conf", "#net.ipv4.conf.all.log_martians=1\n;net.ipv4.conf.lo.log_martians=1\n x\n"}}},
    {"not-conf",
     {{"etc/a.conf~", "net.ipv4.conf.all.log_martians=1\n"},
      {"etc/.a.conf", "net.ipv4.conf.lo.log_martians=1\n"}}},
    {"blanks", {{"etc/a.conf", "\t net.ipv4.conf.all.log_martians \t=\t 1 \t\r\n"}}},
    {"slash-first",
     {{"etc/a.conf", "/net/ipv4/conf/all/log_martians=1\nnet//ipv4/conf/./lo/log_martians=1\n"}}},
};

class SysctlOracle : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "sysctl_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    for (const char* folder : {"etc", "run", "lib"}) fs::create_directories(root_ / folder);
    for (const auto& [path, text] : GetParam().files) {
      if (text.starts_with("->")) {
        fs::create_symlink(text.substr(2), root_ / path);
      } else {
        std::ofstream(root_ / path) << text;
      }
    }
    // The same folders under the names that a tree has them by.
    for (const auto& [folder, real] : std::initializer_list<std::pair<const char*, const char*>>{
             {"etc", "tree/etc/sysctl.d"},
             {"run", "tree/run/sysctl.d"},
             {"lib", "tree/usr/lib/sysctl.d"}}) {
      fs::create_directories((root_ / real).parent_path());
      fs::copy(root_ / folder, root_ / real,
               fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    }
  }
  void TearDown() override { fs::remove_all(root_); }

  // What the kernel has in a new network namespace after systemd-sysctl ran over `base`'s folders.
  static std::vector<std::string> Real(const fs::path& base) {
    const std::string at = base.string();
    std::ofstream script(base / "script");
    script << "set -e\nmkdir -p /run/sysctl.d /usr/local/lib/sysctl.d\n"
           << "mount -t tmpfs none /usr/local/lib/sysctl.d\n"
           << "mount --bind " << at << "/etc /etc/sysctl.d\nmount --bind " << at
           << "/run /run/sysctl.d\nmount --bind " << at << "/lib /usr/lib/sysctl.d\n"
           << "/lib/systemd/systemd-sysctl --prefix=/net/ipv4/conf >/dev/null 2>&1 || true\n";
    for (const char* key : kKeys) {
      for (const char* one : kInterfaces)
        script << "cat /proc/sys/net/ipv4/conf/" << one << "/" << key << "\n";
    }
    script.close();
    std::vector<std::string> values;
    FILE* pipe = popen(("unshare -mn sh " + at + "/script 2>&1").c_str(), "r");
    if (pipe == nullptr) return values;
    std::array<char, 256> line;
    while (fgets(line.data(), line.size(), pipe) != nullptr) {
      values.emplace_back(line.data());
      while (!values.back().empty() && values.back().back() == '\n') values.back().pop_back();
    }
    pclose(pipe);
    return values;
  }

  fs::path root_;
};

TEST_P(SysctlOracle, SetsWhatWeSay) {
  const auto env = OpenPosixEnv(RootMode::kDeadTree, root_ / "tree");
  ASSERT_TRUE(env.ok());
  const SysctlFiles files = LoadSysctlFiles(**env);
  EXPECT_TRUE(files.problems.empty());
  const fs::path empty = root_ / "empty";
  for (const char* folder : {"etc", "run", "lib"}) fs::create_directories(empty / folder);
  const std::vector<std::string> initial = Real(empty);
  const std::vector<std::string> real = Real(root_);
  ASSERT_EQ(initial.size(), 9u);
  ASSERT_EQ(real.size(), 9u) << real.front();
  size_t at = 0;
  for (const char* key : kKeys) {
    for (const char* one : kInterfaces) {
      const std::string path = std::string("net/ipv4/conf/").append(one).append("/").append(key);
      const SysctlOption* option = files.systemd.For(path);
      EXPECT_EQ(option == nullptr ? initial[at] : *option->value, real[at])
          << GetParam().name << " " << path;
      ++at;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, SysctlOracle, testing::ValuesIn(kCases), [](const auto& one) {
  std::string name = one.param.name;
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
});

}  // namespace
}  // namespace tom
