#include "agent/config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "evidence/row.h"

namespace tom {
namespace {

namespace fs = std::filesystem;

class ConfigTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "tom_config_XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(directory_); }

  absl::StatusOr<AgentConfig> Load(const std::string& text, const std::string& drop_in = "") {
    std::ofstream(directory_ / "agent.yaml") << text;
    if (!drop_in.empty()) {
      fs::create_directory(directory_ / "agent.d");
      std::ofstream(directory_ / "agent.d/10.yaml") << drop_in;
    }
    return LoadConfig((directory_ / "agent.yaml").string());
  }

  fs::path directory_;
};

constexpr char kWhole[] = R"(collector: {address: "collector.example.org:8443"}
profiles: [velory-dpa]
endpoints:
  - {host: 127.0.0.1, port: 8443, server_name: a.example.org, starttls: none, ca_file: /etc/ssl/own-ca.pem, controllers: [shared]}
data_paths: [{path: /srv/data, controllers: [b, a]}]
backups:
  - {name: db, kind: restic, repository: /srv/restic, password_file: /etc/tom/restic.pass, max_age: 26h}
  - {name: files, kind: borg, repository: /srv/borg, password_file: /etc/tom/borg.pass}
  - {name: dump, kind: files, path: "/var/backups/db-*.tar.gz", min_bytes: 10000, max_age: 26h}
  - {name: pg, kind: pgbackrest, stanza: main, info_file: /var/lib/x/info.json}
  - {name: far, kind: s3, repository: "s3://copies/db/", endpoint: "https://s3.example.org", region: eu-1,
     credentials_file: /etc/tom/s3, ca_file: /etc/tom/ca.pem}
accounts: {administrators: [alice], leavers: [bob], service_shells: [], nopasswd_allowed: []}
baseline: {sysctl: {kernel.randomize_va_space: "2"}, oscap_results: [/var/lib/oscap/arf.xml]}
logging: {facilities: [auth, local3], files: [/var/log/app/*.log]}
documents: [{subject: "/dev/vdb", measure: encryption-at-rest, document: PRV-7}]
connectors: [{kind: okta, token_file: /etc/tom/okta, base_url: "https://o.example.org"}]
databases: [{name: app, kind: postgres, host: /run/postgresql, user: tom}]
retention:
  - {path: /srv/x, limit: 90d, promise: "9"}
  - {name: leads, database: app/crm, schema: public, table: leads, column: seen_at, limit: 720d}
  - {database: /srv/app.db, query: SELECT min(seen_at) FROM leads, limit: 30d}
tenants: [{database: app, column: tenant_id, roles: [web]}, {database: app/crm, schemas: "t_*"}]
user_stores: [{database: /srv/app.db, table: users, column: password}, {path: /etc/nginx/htpasswd}]
vulnerability_feeds:
  - {kind: oval, path: /var/lib/oval/oval-definitions-bookworm.xml.bz2}
  - {kind: debsecan, path: /var/lib/debsecan/bookworm, release: bookworm, max_age: 2d}
exclusions:
  - {check: tls-minimum-version, subject: "127.0.0.1:8443", reason: "old client", owner: "ops", expires: 2027-06-30}
privacy: {pseudonymise: true, key_file: /etc/tom/pseudonym.key}
probe: {exclude: [], max_per_second: 20}
limits: {cpu_percent: 10, memory_mib: 128, check_seconds: 30}
drills: {user: tom-drill, files: 8, mib: 16, seconds: 60, records: /var/lib/x/drills}
parameters: {backup: {max_age: 12h}}
)";

TEST_F(ConfigTest, ReadsEveryKey) {
  const auto config = Load(kWhole, "profile: other\naccounts: {leavers: [eve]}\n");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->profiles, (std::vector<std::string>{"velory-dpa", "other"}));
  EXPECT_EQ(config->declared.endpoints[0].port, 8443);
  EXPECT_EQ(config->declared.data_paths[0].controllers, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(config->declared.backups.size(), 5u);
  EXPECT_EQ(config->declared.backups[4].endpoint, "https://s3.example.org");
  EXPECT_EQ(config->declared.backups[0].max_age_seconds, 26 * kHour);
  EXPECT_EQ(config->declared.accounts.leavers, (std::vector<std::string>{"bob", "eve"}));
  EXPECT_EQ(config->declared.sysctl.at("kernel.randomize_va_space"), "2");
  EXPECT_EQ(config->declared.oscap_results, std::vector<std::string>{"/var/lib/oscap/arf.xml"});
  const Declared& declared = config->declared;
  EXPECT_EQ(declared.logging_facilities, (std::vector<std::string>{"auth", "local3"}));
  EXPECT_EQ(declared.logging_files, std::vector<std::string>{"/var/log/app/*.log"});
  ASSERT_EQ(declared.retention.size(), 3u);
  EXPECT_EQ(declared.retention[1].database + "|" + declared.retention[1].table, "app/crm|leads");
  EXPECT_EQ(declared.retention[2].query, "SELECT min(seen_at) FROM leads");
  ASSERT_EQ(declared.tenants.size(), 2u);
  EXPECT_EQ(declared.tenants[0].roles, std::vector<std::string>{"web"});
  EXPECT_EQ(declared.tenants[1].schemas, "t_*");
  ASSERT_EQ(declared.user_stores.size(), 2u);
  EXPECT_EQ(declared.user_stores[0].column.column, "password");
  ASSERT_EQ(declared.vulnerability_feeds.size(), 2u);
  EXPECT_EQ(declared.vulnerability_feeds[0].max_age_seconds, 7 * kDay);
  EXPECT_EQ(declared.vulnerability_feeds[1].max_age_seconds, 2 * kDay);
  EXPECT_EQ(declared.vulnerability_feeds[1].release, "bookworm");
  EXPECT_EQ(declared.drills.user + " " + declared.drills.records, "tom-drill /var/lib/x/drills");
  EXPECT_EQ(declared.drills.files + declared.drills.mib + declared.drills.seconds, 8 + 16 + 60);
  EXPECT_EQ(FormatUtc(config->exclusions[0].expires), "2027-07-01T00:00:00Z");
  EXPECT_EQ(config->parameters.at("backup").at("max_age"), Json("12h"));
  EXPECT_EQ(config->limits.check_seconds, 30);
  const std::string key = "key";
  const std::string shown = Canonical(ConfigurationJson(*config, &key));
  EXPECT_EQ(shown.find("alice"), std::string::npos) << shown;
  EXPECT_NE(shown.find(Pseudonym(key, "user", "alice")), std::string::npos) << shown;
}

// What only the catalogue can judge is judged later, and must be found again.
TEST_F(ConfigTest, PlacesOfProfilesAndParametersAreKept) {
  const auto config =
      Load("profiles:\n  - one\n  - two\nprofile: three\nparameters:\n  backup: {max_age: 12h}\n");
  ASSERT_TRUE(config.ok()) << config.status();
  const auto where = [&](const std::string& key) {
    const std::string text = config->Where(key);
    return text.substr(text.rfind('/') + 1);
  };
  EXPECT_EQ(where("profiles.two"), "agent.yaml:3:5: profiles.two");
  EXPECT_EQ(where("profiles.three"), "agent.yaml:4:10: profiles.three");
  EXPECT_EQ(where("parameters.backup.max_age"), "agent.yaml:6:21: parameters.backup.max_age");
  EXPECT_EQ(where("limits"), "agent.yaml: limits");
}

TEST_F(ConfigTest, EmptyIsAConfiguration) { EXPECT_TRUE(Load("").ok()); }

TEST_F(ConfigTest, ErrorsNameFileLineAndKey) {
  struct Case {
    const char* text;
    const char* message;
  };
  const Case cases[] = {
      {"colector: {}\n", "agent.yaml:1:11: colector: unknown key"},
      {"a: 1\n", "a: unknown key"},
      {"\nendpoints: [{host: h, port: 0}]\n",
       "agent.yaml:2:29: endpoints.port: expected a number from 1 to 65535"},
      {"endpoints: [{host: h, port: 1, starttls: imaps}]\n", "endpoints.starttls: expected one of"},
      {"endpoints: {host: h}\n", "endpoints: expected a list"},
      {"pages: [{url: \"ftp://h/\"}]\n", "agent.yaml:1:15: pages.url: expected http://HOST"},
      {"pages: [{url: \"https://u@h/\"}]\n", "pages.url: expected http://HOST"},
      {"pages: [{}]\n", "pages.url: missing"},
      {"pages: [{url: \"https://h/\", browser_run: run.json}]\n",
       "pages.browser_run: expected an absolute path"},
      {"drills: {files: 0}\n", "agent.yaml:1:17: drills.files: expected a number from 1 to 256"},
      {"drills: {records: drills}\n", "drills.records: expected an absolute path"},
      {"drills: {user: root}\n", "drills.user: restoring with all rights is no drill"},
      {"data_paths: [{path: srv}]\n", "data_paths.path: expected an absolute path"},
      {"data_paths: [{path: /srv/../etc}]\n", "data_paths.path: expected an absolute path"},
      {"exclusions: [{check: c, subject: s, reason: r, owner: o, expires: never}]\n",
       "exclusions.expires: expected a date"},
      {"exclusions: [{check: c, subject: s, reason: '', owner: o, expires: 2027-01-01}]\n",
       "exclusions.reason: empty"},
      {"exclusions: [{check: c, subject: s, reason: r, owner: o, expires: 2027-02-30}]\n",
       "exclusions.expires"},
      {"privacy: {pseudonymise: yes}\n", "privacy.pseudonymise: expected true or false"},
      {"limits: {check_seconds: 0}\n", "limits.check_seconds: expected a number from 1"},
      {"collector: {address: nohost}\n", "collector.address: expected HOST:PORT"},
      {"collector: {address: \"a:99999\"}\n", "collector.address: expected HOST:PORT"},
      {"collector: {address: \"a:0\"}\n", "collector.address: expected HOST:PORT"},
      {"privacy: {key_file: 3}\n", "privacy.key_file: expected an absolute path"},
      {"retention: [{path: /x}]\n", "retention.limit: missing"},
      {"retention: [{path: /x, database: a, limit: 1d}]\n", "expected either a path or a database"},
      {"retention: [{database: a, limit: 1d}]\n", "expected either a query or a table"},
      {"retention: [{database: a, table: t, query: q, column: c, limit: 1d}]\n", "either a query"},
      {"tenants: [{database: a}]\n", "tenants.column: expected either a column or schemas"},
      {"tenants: [{column: a}]\n", "tenants.database: missing"},
      {"user_stores: [{database: a, table: t}]\n", "user_stores.path: expected either a path"},
      {"user_stores: [{path: /a, database: b}]\n", "user_stores.path: expected either a path"},
      {"logging: {facilities: [authx]}\n", "logging.facilities: no facility: authx"},
      {"logging: {files: [a.log]}\n", "logging.files: expected absolute paths"},
      {"profiles: velory-dpa\n", "profiles: expected a list"},
      {"profiles: &x [a]\n", "anchors"},
  };
  for (const Case& c : cases) {
    const auto config = Load(c.text);
    ASSERT_FALSE(config.ok()) << c.text;
    EXPECT_NE(std::string(config.status().message()).find(c.message), std::string::npos)
        << c.text << " gave " << config.status();
  }
}

TEST_F(ConfigTest, FeedsOfWeaknessesAreWhole) {
  struct Case {
    const char* text;
    const char* message;
  };
  const Case cases[] = {
      {"vulnerability_feeds: [{kind: csaf, path: /a}]\n", "vulnerability_feeds.kind: expected one"},
      {"vulnerability_feeds: [{kind: oval}]\n", "vulnerability_feeds.path: missing"},
      {"vulnerability_feeds: [{kind: oval, path: a}]\n", "expected an absolute path"},
      {"vulnerability_feeds: [{kind: debsecan, path: /a}]\n", "release: missing"},
      {"vulnerability_feeds: [{kind: debsecan, path: /a, release: ../x}]\n", "a codename such as"},
      {"vulnerability_feeds: [{kind: oval, path: /a, max_age: 15d}]\n", "expected at most 14d"},
      {"vulnerability_feeds: [{kind: oval, path: /a, max_age: 0d}]\n", "max_age"},
      {"vulnerability_feeds: [{kind: oval, path: /a}, {kind: oval, path: /a}]\n", "in two feeds"},
  };
  for (const Case& c : cases) {
    const auto config = Load(c.text);
    ASSERT_FALSE(config.ok()) << c.text;
    EXPECT_NE(std::string(config.status().message()).find(c.message), std::string::npos)
        << c.text << " gave " << config.status();
  }
}

TEST_F(ConfigTest, WhatEachKindOfBackupCannotDoWithoutIsNamed) {
  struct Case {
    const char* text;
    const char* message;
  };
  const Case cases[] = {
      {"backups: [{name: a, kind: tape}]\n", "backups.kind: expected one of"},
      {"backups: [{name: a, kind: restic}]\n", "backups.repository: missing"},
      {"backups: [{name: a, kind: restic, repository: --password-command=x}]\n",
       "must not start with -"},
      {"backups: [{name: a, kind: zfs}]\n", "backups.repository: missing"},
      {"backups: [{name: a, kind: s3, repository: 's3://b/p', endpoint: 'ftp://x', region: r,"
       " credentials_file: /c}]\n",
       "backups.endpoint: expected http"},
      {"backups: [{name: a, kind: s3, repository: b, endpoint: 'https://x.example.org', region: r,"
       " credentials_file: /c}]\n",
       "backups.repository: expected s3://"},
      {"backups: [{name: a, kind: files, path: /x, max_age: 26}]\n", "backups.max_age: a duration"},
      {"backups: [{name: a, kind: files, path: /x}, {name: a, kind: files, path: /y}]\n",
       "two backups are named a"},
  };
  for (const Case& c : cases) {
    const auto config = Load(c.text);
    ASSERT_FALSE(config.ok()) << c.text;
    EXPECT_NE(std::string(config.status().message()).find(c.message), std::string::npos)
        << c.text << " gave " << config.status();
  }
}

TEST_F(ConfigTest, ASingleValueStandsInOneFile) {
  const auto config = Load("limits: {check_seconds: 30}\n", "limits: {check_seconds: 600}\n");
  ASSERT_FALSE(config.ok());
  EXPECT_NE(std::string(config.status().message())
                .find("10.yaml:1:25: limits.check_seconds: stands in two"),
            std::string::npos)
      << config.status();
}

TEST_F(ConfigTest, AMissingFileIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(LoadConfig((directory_ / "none").string()).status()));
}

}  // namespace
}  // namespace tom
