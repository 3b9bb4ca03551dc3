// What the configuration declares, as tables see it: targets and facts that only the site can know
// (interfaces.md "Agent configuration"). Values only; the agent fills it, a test may.
#ifndef TOM_CHECKS_ENGINE_DECLARED_H_
#define TOM_CHECKS_ENGINE_DECLARED_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "evidence/utc_time.h"

namespace tom {

struct DeclaredEndpoint {
  std::string host;
  int64_t port = 0;
  std::string server_name;
  std::string starttls = "none";  // smtp imap pop3 ldap postgres mysql ftp xmpp none
  std::string ca_file;
  std::vector<std::string> controllers;
};

// A page that is asked for over HTTP, and what it loads.
struct DeclaredPage {
  std::string url;  // as written
  bool https = false;
  std::string host;  // without brackets
  int64_t port = 0;
  std::string path = "/";  // and query
  std::string ca_file;
  std::string browser_run;  // file of a browser's record of the page (HAR)
  std::vector<std::string> controllers;
};

struct DeclaredPath {
  std::string path;
  std::vector<std::string> controllers;
};

struct DeclaredBackup {
  std::string name;
  std::string kind;  // files restic borg pgbackrest barman zfs btrfs s3
  std::string repository;
  std::string path;  // a glob, kind files
  std::string password_file;
  std::string stanza;
  std::string info_file;
  std::optional<int64_t> min_bytes;
  std::optional<int64_t> max_age_seconds;
  std::vector<std::string> covers;  // data paths and databases' paths
  std::string key_file;             // borg: where the key is not kept in the repository
  std::string check_file;  // what the last check of the repository by its own program has printed
  std::string endpoint;    // s3: URL of the service; the repository is s3://BUCKET/PREFIX
  std::string region;
  std::string
      credentials_file;  // s3: access_key_id and secret_access_key, as AWS' programs keep it
  std::string ca_file;   // s3: trusted instead of the system's authorities
};

struct DeclaredAccounts {
  std::vector<std::string> administrators;
  std::vector<std::string> leavers;
  std::vector<std::string> service_shells;
  std::vector<std::string> nopasswd_allowed;
};

// A database server of this host and a role that may read what it tells of roles and rights.
struct DeclaredDatabase {
  std::string name = {};  // by which retention, tenants and user_stores mean it; may be empty
  std::string kind;       // postgres mysql
  std::string host;  // PostgreSQL: the socket's directory, MySQL: the socket; or a loopback address
  int64_t port = 0;
  std::string user;
  std::string password_file;
  std::string database;     // PostgreSQL: to start from
  std::string server_user;  // PostgreSQL: who owns the socket's other end
  std::vector<std::string> controllers;
};

struct DeclaredDocument {
  std::string subject;  // a glob
  std::string measure;
  std::string document;
};

struct DeclaredConnector {
  std::string kind;
  std::string token_file;
  std::string base_url;
  std::map<std::string, std::string> settings;
};

// Where data is, in a database: `database` is an absolute path (a file of SQLite), or NAME or
// NAME/DATABASE of the list `databases`.
struct DeclaredColumn {
  std::string database;
  std::string schema;  // PostgreSQL: empty = as the role's search_path has it
  std::string table;
  std::string column;
};

struct DeclaredRetention {
  std::string name;
  std::string database;  // as DeclaredColumn has it
  std::string query;     // or a table and a column
  std::string schema;
  std::string table;
  std::string column;
  std::string path;  // a file, a folder with all below it, or a glob
  int64_t limit_seconds = 0;
  std::string promise;
};

// Customers that share a database.
struct DeclaredTenancy {
  std::string name;
  std::string database;            // as DeclaredColumn has it; PostgreSQL alone
  std::string column;              // every table with it keeps its rows apart by policies
  std::string schemas;             // a glob: each schema is one tenant's
  std::vector<std::string> roles;  // by which the application comes in
};

// Where passwords of people are kept: a column of a database, or a file of NAME:PASSWORD lines.
struct DeclaredUserStore {
  std::string name;
  DeclaredColumn column;
  std::string path;
};

// A file with what is known of weaknesses in Debian's packages. The agent never fetches it: a job
// of the site's keeps it fresh.
struct DeclaredVulnerabilityFeed {
  // The strictest that a site may be lax: as long as a source of security updates may be old.
  static constexpr int64_t kMaxAgeSeconds = 14 * int64_t{86400};

  std::string kind;  // debsecan oval
  std::string path;
  std::string release;  // codename it was made for; debsecan's data does not say it
  int64_t max_age_seconds = 7 * int64_t{86400};
};

// A value of the host that is looser than the profile's, which is used in its place (design.md rule
// 8).
struct LocalOverride {
  std::string check;
  std::string parameter;
  std::string host_value;  // as canonical JSON or text
  std::string profile_value;
};

// How `tom-agent drill` restores a sample, and where the records of drills lie.
struct DeclaredDrills {
  std::string user;    // whose rights the restoring program has; empty: agent/drill/drill_user.h
  int64_t files = 32;  // of one sample, at most
  int64_t mib = 64;    // of scratch; a sample fills half of it at most
  int64_t seconds = 600;
  std::string records = "/var/lib/tom/agent/drills";
};

struct Declared {
  std::vector<DeclaredEndpoint> endpoints;
  std::vector<DeclaredPage> pages;
  std::vector<DeclaredPath> data_paths;
  std::vector<DeclaredBackup> backups;
  std::vector<DeclaredDatabase> databases;
  DeclaredAccounts accounts;
  std::map<std::string, std::string> sysctl;  // the approved blueprint
  std::vector<std::string> oscap_results;     // files of results of OpenSCAP (ARF or XCCDF)
  std::vector<std::string> logging_facilities;
  std::vector<std::string> logging_files;  // logs that must go on; may be globs
  std::vector<DeclaredDocument> documents;
  std::vector<DeclaredConnector> connectors;
  std::vector<DeclaredRetention> retention;
  std::vector<DeclaredTenancy> tenants;
  std::vector<DeclaredUserStore> user_stores;
  std::vector<DeclaredVulnerabilityFeed> vulnerability_feeds;
  DeclaredDrills drills;
  std::vector<std::string> probe_exclude;
  int64_t probe_max_per_second = 20;
  std::vector<LocalOverride> overrides;  // found when parameters were resolved
};

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_DECLARED_H_
