#include <gtest/gtest.h>

#include "checks/env/fake_env.h"
#include "checks/tables/table_cells.h"

namespace tom {

Table package_vulnerabilities_table();
Table pending_updates_table();
Table vulnerability_feeds_table();

namespace {

constexpr char kData[] =
    "VERSION 1\nCVE-2026-0001,,One\nCVE-2026-0002,,Two\n\n"
    "foo,0,SHRF,2.0-1,\nfoo,1,S ? ,,\n\nfoo,foo libfoo\n\n";
constexpr UnixSeconds kNow = 1800000000;

void AddHost(FakeEnv& env) {
  env.SetNow(kNow)
      .AddFile("/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n")
      .AddFile("/var/lib/dpkg/status",
               "Package: foo\nStatus: install ok installed\nVersion: 1.0-1\nArchitecture: amd64\n\n"
               "Package: libfoo-old\nStatus: hold ok installed\nSource: foo (1.0-1)\nVersion: 9\n"
               "Architecture: i386\n\n"
               "Package: fresh\nStatus: install ok installed\nSource: foo (3)\nVersion: 1\n"
               "Architecture: all\n\n");
}

Declared OneFeed() {
  Declared declared;
  declared.vulnerability_feeds = {{"debsecan", "/srv/feed", "bookworm"}};
  return declared;
}

struct Seen {
  Seen(const Table& table, Env& env, const Declared& declared,
       const std::vector<std::string>& columns)
      : scan(ScanTable(table, env, {.declared = declared, .constraints = {}}, nullptr)),
        lines(CellLines(table, scan, columns)) {}
  std::string Text() const {
    std::string text;
    for (const std::string& line : lines) text.append(line).append("\n");
    for (const std::string& line : scan.incomplete) text.append("! ").append(line).append("\n");
    return text;
  }
  Scan scan;
  std::vector<std::string> lines;
};

const std::vector<std::string> kColumns = {"name",     "version", "arch",     "source_version",
                                           "cve",      "fixable", "urgency",  "remote",
                                           "obsolete", "matched", "date_from"};

TEST(PackageVulnerabilities, WithoutAFeedNothingIsRead) {
  FakeEnv env;
  AddHost(env);
  EXPECT_EQ(Seen(package_vulnerabilities_table(), env, {}, kColumns).Text(), "");
  EXPECT_EQ(Seen(vulnerability_feeds_table(), env, {}, {"path"}).Text(), "");
  EXPECT_TRUE(env.reads().empty());
}

TEST(PackageVulnerabilities, ARowForEachWeaknessAndPackage) {
  FakeEnv env;
  AddHost(env);
  env.AddFile("/srv/feed", kData).SetModified("/srv/feed", kNow - 100);
  EXPECT_EQ(Seen(package_vulnerabilities_table(), env, OneFeed(), kColumns).Text(),
            "foo|1.0-1|amd64|1.0-1|CVE-2026-0001|1|high|1|0|source|file\n"
            "foo|1.0-1|amd64|1.0-1|CVE-2026-0002|0|NULL|NULL|0|source|file\n"
            "libfoo-old|9|i386|1.0-1|CVE-2026-0001|1|high|1|1|source|file\n"
            "libfoo-old|9|i386|1.0-1|CVE-2026-0002|0|NULL|NULL|1|source|file\n"
            "fresh|1|all|3|CVE-2026-0002|0|NULL|NULL|1|source|file\n"
            "*|3|NULL|NULL|NULL|2|NULL|NULL|NULL|NULL|NULL\n");
  EXPECT_EQ(Seen(vulnerability_feeds_table(), env, OneFeed(),
                 {"path", "release", "fresh", "usable", "whole", "entries", "packages", "problem"})
                .Text(),
            "/srv/feed|bookworm|1|1|1|2|3|NULL\n");
  // What the release no longer builds has nothing to be updated to.
  EXPECT_EQ(Seen(pending_updates_table(), env, OneFeed(),
                 {"name", "candidate", "security", "security_version", "feed"})
                .lines,
            (std::vector<std::string>{"foo|NULL|1|NULL|/srv/feed", "*|NULL|1|NULL|NULL"}));
}

size_t ReadsOf(const FakeEnv& env, size_t from, const std::string& path) {
  const auto& reads = env.reads();
  return static_cast<size_t>(
      std::count(reads.begin() + static_cast<ptrdiff_t>(from), reads.end(), path));
}

TEST(PackageVulnerabilities, TheSameFeedAndPackagesAreNotReadAgain) {
  FakeEnv env;
  AddHost(env);
  env.AddFile("/srv/feed", kData).SetModified("/srv/feed", kNow - 100);
  const Table table = package_vulnerabilities_table();
  const std::string first = Seen(table, env, OneFeed(), kColumns).Text();
  EXPECT_GT(ReadsOf(env, 0, "/srv/feed"), 0u);
  size_t before = env.reads().size();
  EXPECT_EQ(Seen(table, env, OneFeed(), kColumns).Text(), first);
  EXPECT_EQ(ReadsOf(env, before, "/srv/feed"), 0u);
  // Its age is judged anew all the same.
  env.SetNow(kNow + 8 * kDay);
  EXPECT_EQ(Seen(table, env, OneFeed(), kColumns).Text(),
            first + "! package_vulnerabilities: /srv/feed: is stale: older than it may be\n");
  EXPECT_EQ(ReadsOf(env, before, "/srv/feed"), 0u);
  env.SetNow(kNow);
  struct Change {
    const char* name;
    std::function<void()> make;
  };
  const Change changes[] = {
      {"time", [&] { env.SetModified("/srv/feed", kNow - 99); }},
      {"size", [&] { env.AddFile("/srv/feed", std::string(kData) + "\n"); }},
      {"packages",
       [&] {
         env.AddFile("/var/lib/dpkg/status",
                     "Package: foo\nStatus: install ok installed\nVersion: 2.0-1\n\n");
       }},
      {"release",
       [&] { env.AddFile("/etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\n"); }},
  };
  for (const Change& change : changes) {
    change.make();
    before = env.reads().size();
    const Seen seen(table, env, OneFeed(), kColumns);
    EXPECT_GT(ReadsOf(env, before, "/srv/feed"), 0u) << change.name;
  }
}

TEST(PackageVulnerabilities, WhatAnotherLookLeftIsNotBelieved) {
  FakeEnv env;
  AddHost(env);
  env.AddFile("/srv/feed", kData).SetModified("/srv/feed", kNow - 100);
  const Table table = package_vulnerabilities_table();
  const std::string first = Seen(table, env, OneFeed(), kColumns).Text();
  const auto entries = env.memory().entries();
  ASSERT_EQ(entries.size(), 1u);
  const auto& [key, value] = *entries.begin();
  for (const std::string& broken : {std::string(), value.substr(0, 64), value.substr(64),
                                    value.substr(0, value.size() - 9), std::string("x")}) {
    env.memory().Keep(key, broken);
    EXPECT_EQ(Seen(table, env, OneFeed(), kColumns).Text(), first) << broken.size();
  }
}

TEST(PackageVulnerabilities, NoPackageStandsForAll) {
  FakeEnv env;
  AddHost(env);
  env.AddFile("/srv/feed", kData).SetModified("/srv/feed", kNow - 100);
  env.AddFile("/var/lib/dpkg/status",
              "Package: *\nStatus: install ok installed\nSource: foo\nVersion: 1\n\n"
              "Package: foo\nStatus: install ok installed\nVersion: 3\n\n"
              "Package: none\nStatus: install ok installed\n\n");
  const Seen seen(package_vulnerabilities_table(), env, OneFeed(), {"name", "cve"});
  EXPECT_EQ(seen.lines, (std::vector<std::string>{"foo|CVE-2026-0002", "*|NULL"}));
  EXPECT_EQ(seen.scan.incomplete.size(), 2u);
}

TEST(PackageVulnerabilities, WhatCannotBeUsedIsSaid) {
  struct Case {
    const char* content;
    uint32_t mode;
    UnixSeconds modified;
    const char* text;
  };
  const Case cases[] = {
      {kData, 0646, kNow, "everybody may write it"},
      {"", 0644, kNow, "/srv/feed: empty"},
      {"VERSION 1\n", 0644, kNow, "breaks off"},
      {"VERSION 1\n\n\n\n", 0644, kNow, "lists no weakness at all"},
      {"VERSION 1\nCVE-1,,a\n\nbar,0,S   ,1,\n\nbar,bar\n\n", 0644, kNow, "knows none of"},
      {kData, 0644, kNow + 2 * kDay, "is dated in the future"},
      {kData, 0644, kNow - 8 * kDay, "is stale"},
  };
  for (const Case& c : cases) {
    FakeEnv env;
    AddHost(env);
    env.AddFile("/srv/feed", c.content, c.mode).SetModified("/srv/feed", c.modified);
    for (const Table& table : {package_vulnerabilities_table(), pending_updates_table()}) {
      const Seen seen(table, env, OneFeed(), {"name"});
      EXPECT_NE(seen.Text().find(c.text), std::string::npos) << c.text << "\n" << seen.Text();
    }
    // A row all the same, and never one that is well.
    const Seen row(vulnerability_feeds_table(), env, OneFeed(), {"usable", "fresh"});
    ASSERT_EQ(row.lines.size(), 1u) << c.text;
    EXPECT_NE(row.lines[0], "1|1") << c.text;
  }
  FakeEnv denied;
  AddHost(denied);
  denied.AddError("/srv/feed", absl::PermissionDeniedError("/srv/feed: not allowed"));
  EXPECT_EQ(Seen(package_vulnerabilities_table(), denied, OneFeed(), {"name"}).Text(),
            "! package_vulnerabilities: /srv/feed: not allowed\n");
}

}  // namespace
}  // namespace tom
