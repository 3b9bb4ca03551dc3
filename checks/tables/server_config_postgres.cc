// PostgreSQL: postgresql.conf with its includes and postgresql.auto.conf, and pg_hba.conf
// (server_config.h).
#include <algorithm>
#include <map>

#include "checks/parse/ascii_words.h"
#include "checks/parse/postgres_config.h"
#include "checks/tables/config_files.h"
#include "checks/tables/server_config.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr const char* kMainFiles[] = {
    "/etc/postgresql/*/*/postgresql.conf",     "/var/lib/pgsql/data/postgresql.conf",
    "/var/lib/pgsql/*/data/postgresql.conf",   "/var/lib/postgresql/data/postgresql.conf",
    "/var/lib/postgresql/*/*/postgresql.conf", "/usr/local/pgsql/data/postgresql.conf"};

struct Setting {
  std::string value;
  std::string file;
  int line = 0;
};

using Settings = std::map<std::string, Setting>;

class ConfReader {
 public:
  explicit ConfReader(ConfigFiles& files) : files_(files) {}

  absl::Status Read(const std::string& path) {
    if (std::find(open_.begin(), open_.end(), path) != open_.end()) {
      return BadData(path + ": includes itself");
    }
    if (open_.size() >= ConfigFiles::kMaxDepth) {
      return BadData(path + ": included deeper than 16 files");
    }
    TOM_ASSIGN_OR_RETURN(const std::string text, files_.Read(path));
    TOM_ASSIGN_OR_RETURN(const std::vector<PostgresSetting> settings,
                         ParsePostgresConfig(text, path));
    open_.push_back(path);
    for (const PostgresSetting& one : settings) Take(one, path);
    open_.pop_back();
    return absl::OkStatus();
  }

  const Settings& settings() const { return settings_; }
  std::string Value(const std::string& name, const std::string& fallback) const {
    const auto found = settings_.find(name);
    return found == settings_.end() ? fallback : found->second.value;
  }

 private:
  void Take(const PostgresSetting& one, const std::string& path) {
    const std::string target = InFolder(FolderOf(path), one.value);
    if (one.name == "include" || one.name == "include_if_exists") {
      const absl::Status status = Read(target);
      const bool absent = absl::IsNotFound(status) && one.name == "include_if_exists";
      if (!status.ok() && !absent) files_.Problem(status);
    } else if (one.name == "include_dir") {
      IncludeFolder(target);
    } else {
      settings_[one.name] = {one.value, path, one.line};
    }
  }

  void IncludeFolder(const std::string& folder) {
    const auto names = files_.env().ListDirectory(folder);
    if (!names.ok()) return files_.Problem(names.status());
    for (const std::string& name : *names) {
      if (name[0] == '.' || !name.ends_with(".conf")) continue;
      const std::string path = folder + "/" + name;
      if (files_.IsDirectory(path)) continue;
      if (const absl::Status status = Read(path); !status.ok()) {
        files_.Problem(status);
        if (status.code() == absl::StatusCode::kResourceExhausted) return;
      }
    }
  }

  ConfigFiles& files_;
  std::vector<std::string> open_;
  Settings settings_;
};

bool IsTrue(const std::string& value) {
  for (const char* word : {"on", "true", "yes", "1", "t", "y", "tr", "tru", "ye"}) {
    if (EqualsNoCase(value, word)) return true;
  }
  return false;
}

bool IsFalse(const std::string& value) {
  for (const char* word : {"off", "of", "false", "no", "0", "f", "n", "fa", "fal", "fals"}) {
    if (EqualsNoCase(value, word)) return true;
  }
  return false;
}

// Whether other machines are listened to.
bool OnNetwork(const std::string& addresses) {
  for (const std::string_view one : WordsOf(addresses, ", \t")) {
    if (one != "localhost" && !one.starts_with("127.") && one != "::1") return true;
  }
  return false;
}

bool StaysOnHost(const std::string& address) {
  return address.starts_with("127.") || address.starts_with("::1") || address == "samehost" ||
         address == "localhost";
}

// Whether a record lets anybody from elsewhere in without encryption: the first that matches holds,
// so a refusal of all of them ends the list.
struct Access {
  std::optional<bool> plaintext = false;
  std::string reason;
};

void JudgeRecord(const PostgresAccess& rule, bool ssl, bool& four_closed, bool& six_closed,
                 Access& access) {
  const bool plain = rule.type == "host" || rule.type == "hostnossl" || rule.type == "hostnogssenc";
  if (!plain || StaysOnHost(rule.address) || (four_closed && six_closed)) return;
  const bool everybody = rule.database == "all" && rule.user == "all";
  if (rule.method == "reject") {
    if (!everybody || rule.type == "hostnogssenc") return;
    four_closed = four_closed || rule.address == "all" || rule.address == "0.0.0.0/0";
    six_closed =
        six_closed || rule.address == "all" || rule.address == "::/0" || rule.address == "::0/0";
    return;
  }
  const bool six = rule.address.find(':') != std::string::npos;
  const bool four = !six && rule.address.find('/') != std::string::npos;
  if ((six && six_closed) || (four && four_closed)) return;
  if (access.plaintext.value_or(false)) return;
  access.plaintext = true;
  access.reason = "pg_hba.conf line " + std::to_string(rule.line) + " lets " +
                  rule.address.substr(0, 100) + " in " + (ssl ? "with or without" : "without") +
                  " TLS (" + rule.type + ")";
}

Access JudgeAccess(ConfigFiles& files, const std::string& path, bool ssl) {
  Access access;
  const auto text = files.Read(path);
  const auto rules = text.ok() ? ParsePostgresAccess(*text, path)
                               : absl::StatusOr<std::vector<PostgresAccess>>(text.status());
  if (!rules.ok()) return {std::nullopt, std::string(rules.status().message())};
  bool four_closed = false;
  bool six_closed = false;
  for (const PostgresAccess& rule : *rules) {
    if (rule.type.starts_with("include")) {
      if (!access.plaintext.value_or(false)) {
        return {std::nullopt, path + " includes other files, which are not read"};
      }
      return access;
    }
    JudgeRecord(rule, ssl, four_closed, six_closed, access);
  }
  return access;
}

void JudgeVersions(const ConfReader& conf, ServerConfigRow& row) {
  const auto minimum = conf.settings().find("ssl_min_protocol_version");
  row.is_default = minimum == conf.settings().end();
  if (!row.is_default) {
    row.protocols = minimum->second.value;
    row.line = minimum->second.line;
    row.file = minimum->second.file;
    const auto version = TlsVersionOf(row.protocols);
    if (version) {  // an empty one the server refuses (guc_tables.c: only the maximum may be)
      row.minimum = row.least = version;
    } else {
      AddProblem(row, "ssl_min_protocol_version is not understood: " + row.protocols);
    }
  }
  const auto ciphers = conf.settings().find("ssl_ciphers");
  if (ciphers != conf.settings().end()) SetCiphers(row, ciphers->second.value);
}

void ReadOne(Env& env, const std::string& path, ServerConfigs& out) {
  ConfigFiles files(env);
  ConfReader conf(files);
  ServerConfigRow row;
  row.server = "postgres";
  row.file = path;
  row.context = path;
  const absl::Status read = conf.Read(path);
  if (absl::IsNotFound(read)) return;
  if (!read.ok()) AddProblem(row, std::string(read.message()));
  const std::string data = conf.Value("data_directory", FolderOf(path));
  const absl::Status automatic = conf.Read(data + "/postgresql.auto.conf");
  if (!automatic.ok() && !absl::IsNotFound(automatic)) files.Problem(automatic);
  for (const std::string& problem : files.problems()) AddProblem(row, problem);
  const std::string ssl = conf.Value("ssl", "off");
  if (IsTrue(ssl) || IsFalse(ssl)) row.tls = IsTrue(ssl);
  row.listener = conf.Value("listen_addresses", "localhost (not set)").substr(0, 500) + " port " +
                 conf.Value("port", "5432").substr(0, 10);
  row.network = OnNetwork(conf.Value("listen_addresses", "localhost"));
  JudgeVersions(conf, row);
  const std::string hba = conf.Value("hba_file", data + "/pg_hba.conf");
  const Access access = JudgeAccess(files, InFolder(data, hba), row.tls.value_or(false));
  row.plaintext = access.plaintext;
  if (row.tls == false && !access.plaintext.has_value()) row.plaintext.reset();
  row.plaintext_reason = access.reason;
  if (!row.problem.empty()) {
    row.minimum.reset();
    row.weak.reset();
    row.network.reset();
    row.tls.reset();
    if (row.plaintext == false) row.plaintext.reset();
  }
  out.rows.push_back(std::move(row));
}

}  // namespace

void ReadPostgresConfigs(Env& env, ServerConfigs& out) {
  ConfigFiles files(env);
  for (const char* pattern : kMainFiles) {
    for (const std::string& path : files.Match(pattern)) ReadOne(env, path, out);
  }
  out.problems.insert(out.problems.end(), files.problems().begin(), files.problems().end());
}

}  // namespace tom
