// Dovecot 2.3: ssl, ssl_min_protocol and ssl_cipher_list, also in protocol and local blocks
// (server_config.h).
#include <algorithm>

#include "checks/parse/ascii_words.h"
#include "checks/tables/config_files.h"
#include "checks/tables/server_config.h"

namespace tom {
namespace {

constexpr char kMainFile[] = "/etc/dovecot/dovecot.conf";

struct Settings {
  std::optional<ConfigDirective> ssl;
  std::optional<ConfigDirective> minimum;
  std::optional<ConfigDirective> protocols;  // of 2.2
  std::optional<ConfigDirective> ciphers;
};

std::string ValueOf(const std::optional<ConfigDirective>& directive) {
  return directive && !directive->arguments.empty() ? directive->arguments[0] : "";
}

bool IsFilter(const ConfigDirective& block) {
  for (const char* name : {"protocol", "local", "local_name", "remote"}) {
    if (block.name == name) return true;
  }
  return false;
}

bool Take(const ConfigTree& tree, Settings& settings) {
  bool any = false;
  for (const ConfigDirective& one : tree) {
    if (one.block) continue;
    std::optional<ConfigDirective>* target = one.name == "ssl"                ? &settings.ssl
                                             : one.name == "ssl_min_protocol" ? &settings.minimum
                                             : one.name == "ssl_protocols"    ? &settings.protocols
                                             : one.name == "ssl_cipher_list"  ? &settings.ciphers
                                                                              : nullptr;
    if (target == nullptr) continue;
    *target = one;
    any = true;
  }
  return any;
}

void Versions(const Settings& settings, ServerConfigRow& row) {
  row.is_default = !settings.minimum && !settings.protocols;
  if (settings.minimum) {
    const std::string value = ValueOf(settings.minimum);
    row.protocols = value;
    row.file = settings.minimum->file;
    row.line = settings.minimum->line;
    const auto version = TlsVersionOf(value);
    if (EqualsNoCase(value, "ANY")) {
      row.minimum = row.least = TlsVersion::kSsl3;
    } else if (version && !EqualsNoCase(value, "TLSv1.0")) {
      row.minimum = row.least = version;
    } else if (!EqualsNoCase(value, "LATEST")) {
      AddProblem(row, "ssl_min_protocol is not understood: " + value.substr(0, 100));
    } else {
      row.minimum = row.least = TlsVersion::kTls13;
    }
  } else if (settings.protocols) {
    SetVersions(row, PostfixVersions(ValueOf(settings.protocols)), ValueOf(settings.protocols));
  }
  for (const std::string* text : {&row.protocols}) {
    if (text->find('$') != std::string::npos) AddProblem(row, "a variable is not followed");
  }
}

void Ssl(const Settings& settings, ServerConfigRow& row) {
  const std::string value = settings.ssl ? ValueOf(settings.ssl) : "yes (not set)";
  if (EqualsNoCase(value, "required")) {
    row.tls = true;
    row.plaintext = false;
  } else if (value.starts_with("yes") || EqualsNoCase(value, "no")) {
    row.tls = value.starts_with("yes");
    row.plaintext = true;
    row.plaintext_reason = "ssl is " + value;
  } else {
    AddProblem(row, "ssl is not understood: " + value.substr(0, 100));
  }
}

ServerConfigRow RowOf(const std::string& context, const Settings& settings) {
  ServerConfigRow row;
  row.server = "dovecot";
  row.file = kMainFile;
  row.context = context;
  Versions(settings, row);
  Ssl(settings, row);
  if (settings.ciphers) SetCiphers(row, ValueOf(settings.ciphers));
  if (!row.problem.empty()) {
    row.minimum.reset();
    row.weak.reset();
  }
  return row;
}

// The filters' rows. Settings inside of nested filters add up from the outside.
void AddFilters(const ConfigTree& tree, const std::string& above, const Settings& settings,
                std::vector<ServerConfigRow>& rows) {
  for (const ConfigDirective& one : tree) {
    if (!one.block || !IsFilter(one)) continue;
    Settings own = settings;
    const std::string context = std::string(above).append("/").append(one.name).append(" ").append(
        JoinWords(one.arguments).substr(0, 200));
    if (Take(one.children, own)) rows.push_back(RowOf(context, own));
    AddFilters(one.children, context, own, rows);
  }
}

bool Select(const ConfigDirective& directive, ConfigFiles& files, std::vector<std::string>& paths) {
  const bool optional = directive.name == "!include_try";
  if (!optional && directive.name != "!include") return false;
  if (directive.arguments.size() != 1 || directive.arguments[0].empty()) {
    files.Problem(directive.file + ": an include without a file");
    return true;
  }
  const std::string pattern = InFolder(FolderOf(directive.file), directive.arguments[0]);
  for (const std::string& path : files.Match(pattern)) {
    if (!optional || files.Exists(path)) paths.push_back(path);
  }
  return true;
}

// The addresses of `listen`, which all protocols share.
std::string ListenOf(const ConfigTree& tree) {
  const ConfigDirective* listen = LastDirective(tree, "listen");
  return listen == nullptr || listen->arguments.empty() ? "*, :: (not set)" : listen->arguments[0];
}

}  // namespace

void ReadDovecotConfigs(Env& env, ServerConfigs& out) {
  ConfigFiles files(env);
  const auto tree = LoadConfigTree(files, kMainFile, {ParseDovecotConfig, Select});
  if (absl::IsNotFound(tree.status())) return;
  if (!tree.ok()) return out.problems.emplace_back(tree.status().message()), void();
  Settings settings;
  Take(*tree, settings);
  std::vector<ServerConfigRow> rows = {RowOf("main", settings)};
  AddFilters(*tree, "main", settings, rows);
  const ConfigDirective* version = LastDirective(*tree, "dovecot_config_version");
  const std::string listen = ListenOf(*tree);
  for (ServerConfigRow& row : rows) {
    row.listener = listen.substr(0, 500);
    row.network = true;
    for (const std::string& word : {std::string("127.0.0.1"), std::string("::1"),
                                    std::string("127.0.0.1, ::1"), std::string("localhost")}) {
      if (listen == word) row.network = false;
    }
    if (version != nullptr) {
      row.minimum.reset();
      row.weak.reset();
      row.plaintext.reset();
      AddProblem(row, "a configuration of Dovecot 2.4, which is not understood");
    }
    out.rows.push_back(std::move(row));
  }
  out.problems.insert(out.problems.end(), files.problems().begin(), files.problems().end());
}

}  // namespace tom
