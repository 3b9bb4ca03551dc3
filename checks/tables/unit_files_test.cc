// Our reading of units against systemctl's own, over one tree that has every kind of them.
#include "checks/tables/unit_files.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "checks/env/env_posix.h"
#include "checks/env/fake_env.h"

namespace tom {
namespace {

namespace fs = std::filesystem;

const std::string kVendor = "usr/lib/systemd/system/";
const std::string kEtc = "etc/systemd/system/";
const std::string kService = "[Service]\nExecStart=/bin/true\n";
const std::string kInstall = "[Install]\nWantedBy=multi-user.target\n";

const std::vector<std::pair<std::string, std::string>> kFiles = {
    {kVendor + "multi-user.target", "[Unit]\nDescription=x\n"},
    {kVendor + "plain.service", kService},
    {kVendor + "dis.service", kService + kInstall},
    {kVendor + "en.service", kService + kInstall},
    {kVendor + "ven.service", kService + kInstall},
    {kVendor + "venst.service", kService},
    {kVendor + "run.service", kService + kInstall},
    {kVendor + "mask.service", kService + kInstall},
    {kVendor + "maskr.service", kService + kInstall},
    {kVendor + "maske.service", kService + kInstall},
    {kEtc + "maske.service", ""},
    {kVendor + "dis2.service", kService + kInstall},
    {"opt/linked.service", kService + kInstall},
    {"opt/linkeden.service", kService + kInstall},
    {kVendor + "al.service", kService + "[Install]\nAlias=alias.service\n"},
    {kVendor + "al2.service", kService + "[Install]\nAlias=other.service\n"},
    {kVendor + "also.service", kService + "[Install]\nAlso=dis.service\n"},
    {kVendor + "t@.service", kService + kInstall},
    {kVendor + "d@.service", kService + kInstall + "DefaultInstance=x\n"},
    {kVendor + "req.service", kService + kInstall},
    {kVendor + "copy.service", kService + kInstall},
    {kEtc + "copy.service", kService + kInstall},
    {kEtc + "multi-user.target.wants/copy.service", kService + kInstall},
    {kVendor + "dropins.service", kService},
    {kEtc + "dropins.service.d/a.conf", kInstall},
    {kVendor + "wrong.service", kService + kInstall},
};
const std::vector<std::pair<std::string, std::string>> kLinks = {
    {kEtc + "multi-user.target.wants/en.service", "/" + kVendor + "en.service"},
    {kVendor + "multi-user.target.wants/ven.service", "../ven.service"},
    {kVendor + "multi-user.target.wants/venst.service", "../venst.service"},
    {"run/systemd/system/multi-user.target.wants/run.service", "/" + kVendor + "run.service"},
    {kEtc + "mask.service", "/dev/null"},
    {"run/systemd/system/maskr.service", "/dev/null"},
    {kVendor + "maskvl.service", "/dev/null"},
    {kEtc + "multi-user.target.wants/dis2.service", "/dev/null"},
    {kEtc + "multi-user.target.wants/gone.service", "/" + kVendor + "gone.service"},
    {kEtc + "linked.service", "/opt/linked.service"},
    {kEtc + "linkeden.service", "/opt/linkeden.service"},
    {kEtc + "multi-user.target.wants/linkeden.service", "/opt/linkeden.service"},
    {kEtc + "alias.service", "/" + kVendor + "al.service"},
    {kEtc + "notlisted.service", "/" + kVendor + "al2.service"},
    {kEtc + "multi-user.target.wants/t@one.service", "/" + kVendor + "t@.service"},
    {kEtc + "multi-user.target.requires/req.service", "/" + kVendor + "req.service"},
    {kEtc + "multi-user.target.wants/wrong.service", "/" + kVendor + "en.service"},
};
const char* const kAsked[] = {"plain",  "dis",       "en",    "ven",      "venst", "run",
                              "mask",   "maskr",     "maske", "gone",     "dis2",  "maskvl",
                              "al",     "alias",     "al2",   "linkeden", "also",  "t@",
                              "linked", "t@one",     "t@two", "d@",       "d@x",   "other",
                              "copy",   "notlisted", "req",   "dropins",  "wrong", "nothere"};

class UnitTree : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "units_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    for (const auto& [path, text] : kFiles) {
      fs::create_directories((root_ / path).parent_path());
      std::ofstream(root_ / path) << text;
    }
    for (const auto& [path, target] : kLinks) {
      fs::create_directories((root_ / path).parent_path());
      fs::create_symlink(target, root_ / path);
    }
    auto env = OpenPosixEnv(RootMode::kDeadTree, root_);
    ASSERT_TRUE(env.ok());
    env_ = *std::move(env);
  }
  void TearDown() override { fs::remove_all(root_); }

  std::string Systemctl(const std::string& unit) const {
    const std::string command =
        "systemctl --root=" + root_.string() + " is-enabled '" + unit + "' 2>/dev/null";
    std::array<char, 256> line{};
    FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) return "no systemctl";
    const char* got = fgets(line.data(), line.size(), pipe);
    pclose(pipe);
    const std::string text = got == nullptr ? "" : got;
    return text.substr(0, text.find('\n'));
  }

  fs::path root_;
  std::unique_ptr<Env> env_;
};

TEST_F(UnitTree, StatesAreSystemctls) {
  UnitFiles units(*env_);
  for (const char* name : kAsked) {
    const std::string id = std::string(name) + ".service";
    EXPECT_EQ(units.Find(id).state, Systemctl(id)) << id;
  }
  EXPECT_TRUE(units.problems().empty());
}

TEST_F(UnitTree, WhatStartsAUnit) {
  UnitFiles units(*env_);
  const std::vector<std::string> target = {"multi-user.target"};
  for (const char* name : {"en", "ven", "venst", "run", "req", "t@one", "linkeden"}) {
    EXPECT_EQ(units.Find(std::string(name) + ".service").started_by, target) << name;
  }
  for (const char* name : {"plain", "dis", "dis2", "copy", "mask"}) {
    EXPECT_TRUE(units.Find(std::string(name) + ".service").started_by.empty()) << name;
  }
  EXPECT_FALSE(units.Active("en.service").has_value());
}

TEST(UnitFiles, ActiveIsWhatSystemdLeaves) {
  FakeEnv env;
  env.AddDirectory("/run/systemd/system");
  env.AddLink("/run/systemd/units/invocation:a.service", "0123");
  UnitFiles units(env);
  EXPECT_EQ(units.Active("a.service"), true);
  EXPECT_EQ(units.Active("b.service"), false);
  EXPECT_EQ(units.Active("b.timer"), std::nullopt);
  EXPECT_EQ(units.Active("../../a.service"), std::nullopt);
}

TEST(UnitFiles, WhatCannotBeReadIsSaid) {
  FakeEnv env;
  env.AddFile("/etc/systemd/system/a.service", "[Unit]\n");
  env.AddError("/etc/systemd/system/a.service", absl::PermissionDeniedError("a.service: EACCES"));
  env.AddLink("/etc/systemd/system/loop.service", "loop.service");
  env.AddFile("/usr/lib/systemd/system/nul.service", std::string("[Unit]\n\0", 8));
  UnitFiles units(env);
  for (const char* id : {"a.service", "loop.service", "nul.service"}) {
    EXPECT_FALSE(units.Find(id).problem.empty()) << id;
  }
  FakeEnv denied;
  denied.DenyAll();
  EXPECT_FALSE(UnitFiles(denied).problems().empty());
}

TEST(UnitFiles, TenThousandDropInsAreBounded) {
  FakeEnv env;
  env.AddFile("/usr/lib/systemd/system/a.service", "[Unit]\n");
  for (int i = 0; i < 10000; ++i) {
    env.AddFile("/etc/systemd/system/a.service.d/" + std::to_string(i) + ".conf", "[Unit]\nA=b\n");
  }
  UnitFiles units(env);
  const Unit unit = units.Find("a.service");
  EXPECT_FALSE(units.problems().empty() && unit.problem.empty());
}

}  // namespace
}  // namespace tom
