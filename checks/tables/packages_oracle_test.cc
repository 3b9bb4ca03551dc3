// Our reading of packages against the package managers' own: rpm's database against rpm, and what
// apt's lists of this host know against apt.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>

#include "checks/engine/scan.h"
#include "checks/env/env_posix.h"

namespace tom {

Table pending_updates_table();
Table rpm_packages_table();

namespace {

namespace fs = std::filesystem;

std::vector<std::string> Lines(const std::string& command) {
  std::vector<std::string> lines;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return lines;
  std::array<char, 4096> line;
  while (fgets(line.data(), line.size(), pipe) != nullptr) {
    lines.emplace_back(line.data());
    while (!lines.back().empty() && lines.back().back() == '\n') lines.back().pop_back();
  }
  pclose(pipe);
  return lines;
}

Scan Look(const Table& table, RootMode mode, const std::string& root) {
  const auto env = OpenPosixEnv(mode, root);
  EXPECT_TRUE(env.ok());
  const Declared declared;
  return ScanTable(table, **env, {.declared = declared, .constraints = {}}, nullptr);
}

TEST(PackagesOracle, RpmsDatabaseSaysWhatRpmSays) {
  std::string name = testing::TempDir() + "rpm_XXXXXX";
  ASSERT_NE(mkdtemp(name.data()), nullptr);
  const fs::path top = name;
  const std::string root = top / "root";
  fs::create_directories(top / "root/var/lib/rpm");
  for (const char* one : {"alpha", "beta"}) {
    std::ofstream(top / (std::string(one) + ".spec"))
        << "Name: " << one << "\nVersion: 1.2\nRelease: 3\nSummary: x\nLicense: none\n"
        << (one[0] == 'b' ? "Epoch: 4\n" : "") << "Vendor: Example\nGroup: A/B\nBuildArch: noarch\n"
        << "%description\nx\n%files\n";
    ASSERT_FALSE(
        Lines("rpmbuild --define '_topdir " + name + "' -bb " + name + "/" + one + ".spec 2>&1")
            .empty());
  }
  const std::string rpm = "rpm --root " + root + " --dbpath /var/lib/rpm ";
  Lines(rpm + "--initdb 2>&1");
  Lines(rpm + "-i --justdb --nodeps " + name + "/RPMS/noarch/*.rpm 2>&1");
  std::vector<std::string> theirs =
      Lines(rpm +
            "-qa --qf '%{NAME}|%{VERSION}|%{RELEASE}|%{SOURCERPM}|%{SIZE}|%{SHA1HEADER}|"
            "%{ARCH}|%|EPOCH?{%{EPOCH}}:{}||%{INSTALLTIME}|%{VENDOR}|%{GROUP}\\n'");
  std::vector<std::string> ours;
  const Scan scan = Look(rpm_packages_table(), RootMode::kDeadTree, root);
  for (const ValueRow& row : scan.rows) {
    std::string line;
    for (const Value& value : row) line.append(line.empty() ? "" : "|").append(ValueText(value));
    ours.push_back(line);
  }
  std::sort(theirs.begin(), theirs.end());
  std::sort(ours.begin(), ours.end());
  EXPECT_EQ(ours.size(), 2u);
  EXPECT_EQ(ours, theirs);
  EXPECT_TRUE(scan.incomplete.empty());
  fs::remove_all(top);
}

TEST(PackagesOracle, PendingUpdatesAreThoseThatAptLists) {
  std::set<std::string> theirs;
  for (const std::string& line : Lines("apt list --upgradable 2>/dev/null")) {
    const size_t slash = line.find('/');
    if (slash != std::string::npos) theirs.insert(line.substr(0, slash));
  }
  std::set<std::string> ours;
  const Scan scan = Look(pending_updates_table(), RootMode::kLive, "/");
  for (const ValueRow& row : scan.rows) {
    if (ValueText(row[0]) != "*") ours.insert(ValueText(row[0]));
  }
  // Pins and phasing keep back what the lists have; the other way nothing may be missing.
  for (const std::string& name : theirs) EXPECT_TRUE(ours.contains(name)) << name;
  if (fs::is_empty("/etc/apt/preferences.d") && !fs::exists("/etc/apt/preferences")) {
    EXPECT_EQ(ours.size(), theirs.size());
  }
}

}  // namespace
}  // namespace tom
