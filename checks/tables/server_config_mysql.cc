// MySQL and MariaDB: option files with their includes (server_config.h; MySQL manual "Using Option
// Files", MariaDB "Configuring with Option Files"). The last of several values holds; `-` and `_`
// are one in names, and a name may be cut short.
#include <algorithm>
#include <map>

#include "checks/parse/ascii_words.h"
#include "checks/parse/config_lines.h"
#include "checks/tables/config_files.h"
#include "checks/tables/server_config.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr const char* kMainFiles[] = {"/etc/my.cnf", "/etc/mysql/my.cnf"};
// Written by SET PERSIST, and read after all others.
constexpr char kPersisted[] = "/var/lib/mysql/mysqld-auto.cnf";

constexpr const char* kNames[] = {"tls_version",  "ssl_cipher",      "require_secure_transport",
                                  "bind_address", "skip_networking", "ssl",
                                  "port"};

struct Option {
  std::string value;
  std::string file;
  int line = 0;
};

std::string NormalName(std::string_view name) {
  std::string normal;
  for (const char c : name) normal += c == '-' ? '_' : c >= 'A' && c <= 'Z' ? char(c + 32) : c;
  if (normal.starts_with("loose_")) normal.erase(0, 6);
  if (normal.starts_with("maximum_")) normal.erase(0, 8);
  return normal;
}

// The option that a name, whole or cut short, stands for; empty where it is none of ours.
std::string KnownName(const std::string& name) {
  for (const char* known : kNames) {
    if (name == known) return known;
  }
  for (const char* known : kNames) {
    if (name.size() >= 5 && std::string_view(known).starts_with(name)) return known;
  }
  return "";
}

bool IsOn(const std::string& value) {
  return value.empty() || value == "1" || EqualsNoCase(value, "on") || EqualsNoCase(value, "true");
}

bool IsOff(const std::string& value) {
  return value == "0" || EqualsNoCase(value, "off") || EqualsNoCase(value, "false");
}

class OptionFiles {
 public:
  OptionFiles(ConfigFiles& files, bool mariadb) : files_(files), mariadb_(mariadb) {}

  absl::Status Read(const std::string& path) {
    if (std::find(open_.begin(), open_.end(), path) != open_.end()) {
      return BadData(path + ": includes itself");
    }
    if (open_.size() >= ConfigFiles::kMaxDepth) {
      return BadData(path + ": included deeper than 16 files");
    }
    TOM_ASSIGN_OR_RETURN(const std::string text, files_.Read(path));
    open_.push_back(path);
    const std::string outer = group_;
    group_.clear();
    for (const NumberedLine& line : LinesOf(text)) Line(TrimLine(line.text), path, line.number);
    group_ = outer;
    open_.pop_back();
    return absl::OkStatus();
  }

  const Option* Find(const std::string& name) const {
    const auto found = options_.find(name);
    return found == options_.end() ? nullptr : &found->second;
  }

 private:
  void Line(std::string_view line, const std::string& path, int number) {
    if (line.empty() || line[0] == '#' || line[0] == ';') return;
    if (line[0] == '!') return Include(line, path);
    if (line[0] == '[') {
      const size_t end = line.find(']');
      if (end == std::string_view::npos) return files_.Problem(path + ": a group without ]");
      group_ = TrimLine(line.substr(1, end - 1));
      return;
    }
    Set(line, path, number);
  }

  void Include(std::string_view line, const std::string& path) {
    const auto words = WordsOf(line);
    const std::string target(words.size() == 2 ? words[1] : "");
    if (words.size() != 2) return files_.Problem(path + ": an include that is not understood");
    const std::string full = InFolder(FolderOf(path), target);
    if (words[0] == "!include") {
      if (const absl::Status status = Read(full); !status.ok()) files_.Problem(status);
    } else if (words[0] == "!includedir") {
      const auto names = files_.env().ListDirectory(full);
      if (!names.ok() && absl::IsNotFound(names.status())) return;
      if (!names.ok()) return files_.Problem(names.status());
      for (const std::string& name : *names) {
        if (!name.ends_with(".cnf")) continue;
        const absl::Status status = Read(full + "/" + name);
        if (!status.ok()) files_.Problem(status);
        if (status.code() == absl::StatusCode::kResourceExhausted) return;
      }
    } else {
      files_.Problem(path + ": an include that is not understood");
    }
  }

  // Whether the group is read by the server: 1, by some versions of it: 0, by none: -1.
  int Applies() const {
    if (group_ == "mysqld" || group_ == "server") return 1;
    if (mariadb_) {
      for (const char* name : {"mariadb", "mariadbd", "client-server", "galera"}) {
        if (group_ == name) return 1;
      }
      if (group_.starts_with("mariadb-") || group_.starts_with("mariadbd-")) return 0;
    }
    return group_.starts_with("mysqld-") || group_.starts_with("server-") ? 0 : -1;
  }

  void Set(std::string_view line, const std::string& path, int number) {
    const size_t equals = line.find('=');
    std::string name = NormalName(TrimLine(line.substr(0, equals)));
    std::string value;
    if (equals != std::string_view::npos) value = Unquoted(TrimLine(line.substr(equals + 1)));
    bool negated = false;
    for (const char* prefix : {"skip_", "disable_"}) {
      if (name == "skip_networking" || !name.starts_with(prefix)) continue;
      name.erase(0, std::string_view(prefix).size());
      negated = true;
    }
    if (name.starts_with("enable_")) name.erase(0, 7);
    name = KnownName(name);
    const int applies = Applies();
    if (name.empty() || applies < 0) return;
    if (applies == 0) {
      return files_.Problem(path + ": [" + group_.substr(0, 100) +
                            "] holds for some versions of the server alone");
    }
    options_[name] = {negated ? "0" : value, path, number};
  }

  // With the comment behind it gone, and without quotes.
  static std::string Unquoted(std::string_view value) {
    if (value.size() >= 2 && (value[0] == '"' || value[0] == '\'')) {
      const size_t end = value.find(value[0], 1);
      if (end != std::string_view::npos) return std::string(value.substr(1, end - 1));
    }
    return std::string(TrimLine(value.substr(0, value.find('#'))));
  }

  ConfigFiles& files_;
  bool mariadb_;
  std::string group_;
  std::vector<std::string> open_;
  std::map<std::string, Option> options_;
};

bool IsLoopbackBind(const std::string& value) {
  if (value.empty()) return false;
  for (const std::string_view one : WordsOf(value, ", \t")) {
    if (!one.starts_with("127.") && one != "::1" && one != "localhost") return false;
  }
  return true;
}

void Fill(const OptionFiles& options, ServerConfigRow& row) {
  const Option* ssl = options.Find("ssl");
  if (ssl != nullptr && IsOff(ssl->value)) row.tls = false;
  const Option* versions = options.Find("tls_version");
  row.is_default = versions == nullptr;
  if (versions != nullptr) {
    SetVersions(row, MysqlVersions(versions->value), versions->value);
    row.file = versions->file;
    row.line = versions->line;
  }
  if (const Option* ciphers = options.Find("ssl_cipher"); ciphers != nullptr) {
    SetCiphers(row, ciphers->value);
  }
  const Option* secure = options.Find("require_secure_transport");
  if (secure == nullptr || IsOff(secure->value)) {
    row.plaintext = true;
    row.plaintext_reason = secure == nullptr
                               ? "require_secure_transport is not set, and off by default"
                               : "require_secure_transport is off";
  } else if (IsOn(secure->value)) {
    row.plaintext = false;
  } else {
    AddProblem(row, "require_secure_transport is not understood: " + secure->value);
  }
  const Option* bind = options.Find("bind_address");
  const Option* skip = options.Find("skip_networking");
  const Option* port = options.Find("port");
  const bool closed = skip != nullptr && IsOn(skip->value);
  row.network = !closed && (bind == nullptr || !IsLoopbackBind(bind->value));
  row.listener = closed            ? "no network"
                 : bind == nullptr ? "all addresses (not set)"
                                   : bind->value.substr(0, 500);
  row.listener += " port " + (port == nullptr ? "3306" : port->value.substr(0, 10));
}

void CheckPersisted(ConfigFiles& files, ServerConfigRow& row) {
  const auto text = files.Read(kPersisted);
  if (absl::IsNotFound(text.status())) return;
  if (!text.ok()) return AddProblem(row, std::string(text.status().message()));
  for (const char* name : {"tls_version", "ssl_cipher", "require_secure_transport"}) {
    if (text->find(name) != std::string::npos) {
      AddProblem(row, std::string(kPersisted) + " sets " + name + ", which is not read");
    }
  }
}

}  // namespace

void ReadMysqlConfigs(Env& env, ServerConfigs& out) {
  ConfigFiles files(env);
  bool installed = false;
  for (const char* path : {"/usr/sbin/mysqld", "/usr/sbin/mariadbd", "/usr/libexec/mysqld",
                           "/usr/libexec/mariadbd", "/var/lib/mysql"}) {
    installed = installed || files.Exists(path);
  }
  const bool mariadb = files.Exists("/usr/sbin/mariadbd") ||
                       files.Exists("/usr/libexec/mariadbd") ||
                       files.IsDirectory("/etc/mysql/mariadb.conf.d");
  ServerConfigRow row;
  row.server = "mysql";
  row.context = mariadb ? "mariadb" : "mysqld";
  OptionFiles options(files, mariadb);
  for (const char* path : kMainFiles) {
    const absl::Status status = options.Read(path);
    if (absl::IsNotFound(status)) continue;
    if (!status.ok()) files.Problem(status);
    installed = installed || options.Find("tls_version") != nullptr || !status.ok();
    row.file = path;
  }
  // Clients have option files too.
  if (!installed) return;
  Fill(options, row);
  CheckPersisted(files, row);
  for (const std::string& problem : files.problems()) AddProblem(row, problem);
  if (!row.problem.empty()) {
    row.minimum.reset();
    row.weak.reset();
    row.plaintext.reset();
    row.network.reset();
  }
  // MariaDB without a certificate of its own has no TLS; MySQL makes one.
  if (!row.tls && !mariadb && row.problem.empty()) row.tls = true;
  if (row.tls == false) row.plaintext = row.network == false ? row.plaintext : std::optional(true);
  out.rows.push_back(std::move(row));
}

}  // namespace tom
