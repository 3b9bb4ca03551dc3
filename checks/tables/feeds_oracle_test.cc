// What declared feeds say of this host's packages, against the programs that they are made for:
// debsecan and OpenSCAP.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>

#include "checks/engine/scan.h"
#include "checks/env/env_posix.h"

namespace tom {

Table package_vulnerabilities_table();

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

struct Package {
  std::string name, version, source, source_version;
};

std::vector<Package> InstalledPackages() {
  std::vector<Package> all;
  for (const std::string& line :
       Lines("dpkg-query -W -f '${db:Status-Status}|${Package}|${Version}|${source:Package}|"
             "${source:Version}|\\n'")) {
    std::vector<std::string> parts;
    for (size_t at = 0; at < line.size();) {
      const size_t end = line.find('|', at);
      parts.push_back(line.substr(at, end - at));
      at = end + 1;
    }
    if (parts.size() == 5 && parts[0] == "installed") {
      all.push_back({parts[1], parts[2], parts[3], parts[4]});
    }
  }
  return all;
}

// A version beside `version`: earlier, later or the same, in the ways that versions differ.
std::string Beside(const std::string& version, size_t how) {
  const std::string without = version.substr(version.find(':') + 1);
  switch (how % 7) {
    case 0:
      return version;
    case 1:
      return version + "+deb12u1";
    case 2:
      return version + "~1";
    case 3:
      return "9:" + without;
    case 4:
      return without.substr(0, without.rfind('-'));
    case 5:
      return "0";
    default:
      return "7.3.1-2";
  }
}

// Weaknesses and packages that the feed says are vulnerable, "CVE package".
std::set<std::string> Ours(const std::string& kind, const std::string& path,
                           const std::string& matched) {
  const auto env = OpenPosixEnv(RootMode::kLive, "/");
  Declared declared;
  declared.vulnerability_feeds = {{kind, path, kind == "oval" ? "" : "bookworm"}};
  const Scan scan = ScanTable(package_vulnerabilities_table(), **env,
                              {.declared = declared, .constraints = {}}, nullptr);
  EXPECT_TRUE(scan.incomplete.empty()) << scan.incomplete.front();
  std::set<std::string> all;
  for (const ValueRow& row : scan.rows) {
    if (ValueText(row[0]) == "*" || (!matched.empty() && ValueText(row[11]) != matched)) continue;
    all.insert(ValueText(row[5]) + " " + ValueText(row[0]));
  }
  return all;
}

class FeedsOracle : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "feeds_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string folder_;
};

TEST_F(FeedsOracle, DebsecanFindsTheSame) {
  const std::vector<Package> packages = InstalledPackages();
  std::string bugs = "VERSION 1\n";
  std::string entries;
  for (size_t i = 0; i < packages.size(); ++i) {
    const Package& one = packages[i];
    const bool binary = i % 5 == 0;
    const std::string& version = binary ? one.version : one.source_version;
    bugs.append("CVE-2026-").append(std::to_string(i)).append(",,a, b\n");
    entries.append(binary ? one.name : one.source).append(",").append(std::to_string(i));
    entries.append(binary ? ",B" : ",S").append({" LMH"[i % 4], "?R "[i % 3], " F"[i % 2]});
    entries.append(",").append(i % 6 == 0 ? "" : Beside(version, i)).append(",");
    if (i % 4 == 1) entries.append(Beside(version, i / 4)).append(" 1.0");
    entries.append("\n");
  }
  std::ofstream(folder_ + "/text") << bugs << "\n" << entries << "\ndpkg,dpkg\n\n";
  Lines(
      "python3 -c 'import sys, zlib; sys.stdout.buffer.write(zlib.compress(sys.stdin.buffer"
      ".read()))' < " +
      folder_ + "/text > " + folder_ + "/bookworm");
  std::set<std::string> theirs;
  for (const std::string& line :
       Lines("debsecan --source file://" + folder_ + "/ --suite bookworm --format simple 2>&1")) {
    theirs.insert(line);
  }
  EXPECT_GT(theirs.size(), packages.size() / 5);
  EXPECT_EQ(Ours("debsecan", folder_ + "/bookworm", ""), theirs);
}

TEST_F(FeedsOracle, OpenScapFindsTheSame) {
  const std::vector<Package> packages = InstalledPackages();
  std::set<std::string> sources;
  for (const Package& one : packages) {
    if (one.source != one.name) sources.insert(one.source);
  }
  std::ofstream lines(folder_ + "/lines");
  std::vector<std::string> named;
  for (size_t i = 0; i < packages.size() && named.size() < 150; ++i) {
    const Package& one = packages[i];
    if (sources.contains(one.name)) continue;  // we take more packages for it than OpenSCAP does
    lines << "CVE-2026-" << i << " " << one.name << " " << Beside(one.version, i) << "\n";
    named.push_back("CVE-2026-" + std::to_string(i) + " " + one.name);
  }
  lines.close();
  const std::string feed = folder_ + "/oval.xml";
  Lines("tr '\\n' '\\0' < " + folder_ +
        "/lines | xargs -0 python3 " TOM_SOURCE_DIR "/tests/data/system/vuln-base/feed.py oval > " +
        feed);
  std::set<std::string> theirs;
  size_t judged = 0;
  const std::string start = "Definition oval:org.debian:def:";
  for (const std::string& line : Lines("oscap oval eval " + feed + " 2>&1")) {
    if (!line.starts_with(start)) continue;
    ++judged;
    const size_t number = std::stoul(line.substr(start.size()));
    if (line.ends_with(": true")) theirs.insert(named.at(number - 1));
  }
  EXPECT_EQ(judged, named.size());
  EXPECT_GT(theirs.size(), named.size() / 5);
  EXPECT_EQ(Ours("oval", feed, "package"), theirs);
}

}  // namespace
}  // namespace tom
