// nginx: ngx_http_ssl_module, ngx_stream_ssl_module and ngx_mail_ssl_module (server_config.h).
//
// A server takes ssl_protocols and ssl_ciphers from the level above where it has none of its own;
// versions named in several ssl_protocols of one level add up (ngx_conf_set_bitmask_slot).
//
// Servers that share an address are told apart by the name that the client sends, and most releases
// settle the version before they know it: the versions of the address's default server hold for all
// (ngx_http_ssl_servername exchanges certificates and options alone).
#include <algorithm>
#include <map>

#include "checks/tables/config_files.h"
#include "checks/tables/server_config.h"

namespace tom {
namespace {

constexpr const char* kMainFiles[] = {
    "/etc/nginx/nginx.conf", "/usr/local/nginx/conf/nginx.conf", "/usr/local/etc/nginx/nginx.conf",
    "/usr/local/openresty/nginx/conf/nginx.conf", "/opt/nginx/conf/nginx.conf"};

struct Inherited {
  std::vector<std::string> protocols;
  std::vector<std::string> ciphers;
  bool commands = false;  // ssl_conf_command, which OpenSSL reads after all others
};

Inherited Below(const ConfigTree& tree, const Inherited& above) {
  Inherited own;
  bool commands_here = false;
  for (const ConfigDirective& one : tree) {
    if (one.name == "ssl_protocols") {
      own.protocols.insert(own.protocols.end(), one.arguments.begin(), one.arguments.end());
    } else if (one.name == "ssl_ciphers") {
      own.ciphers = one.arguments;
    } else if (one.name == "ssl_conf_command") {
      commands_here = true;
    }
  }
  own.commands = commands_here || above.commands;
  if (own.protocols.empty()) own.protocols = above.protocols;
  if (own.ciphers.empty()) own.ciphers = above.ciphers;
  return own;
}

bool Has(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool IsLoopbackListen(const std::string& address) {
  return address.starts_with("127.") || address.starts_with("localhost") ||
         address.starts_with("[::1]") || address.starts_with("unix:");
}

// How the server listens.
struct Listening {
  std::string text;
  size_t tls = 0;
  size_t plain = 0;
  bool network = false;
};

Listening ListensOf(const ConfigDirective& server, const std::string& protocol) {
  Listening listening;
  const ConfigDirective* on = LastDirective(server.children, "ssl");
  const bool all = on != nullptr && on->arguments == std::vector<std::string>{"on"};
  size_t count = 0;
  for (const ConfigDirective& one : server.children) {
    if (one.name != "listen" || one.arguments.empty()) continue;
    ++count;
    if (!listening.text.empty()) listening.text.append(" ");
    if (listening.text.size() < 1000) listening.text.append(one.arguments[0]);
    const bool tls = all || Has(one.arguments, "ssl") || Has(one.arguments, "quic");
    ++(tls ? listening.tls : listening.plain);
    listening.network = listening.network || !IsLoopbackListen(one.arguments[0]);
  }
  if (count == 0 && protocol == "http") {
    listening.text = "*:80 (not set)";
    ++(all ? listening.tls : listening.plain);
    listening.network = true;
  }
  return listening;
}

ServerConfigRow RowOf(const ConfigDirective& server, const std::string& protocol,
                      const Inherited& settings) {
  ServerConfigRow row;
  row.server = "nginx";
  row.file = server.file;
  row.line = server.line;
  const ConfigDirective* names = LastDirective(server.children, "server_name");
  row.context = protocol + "/server";
  if (names != nullptr) row.context += " " + JoinWords(names->arguments).substr(0, 500);
  const Listening listening = ListensOf(server, protocol);
  row.listener = listening.text;
  row.tls = listening.tls > 0;
  row.plaintext = listening.plain > 0;
  row.plaintext_reason = listening.plain > 0 ? "listens without ssl" : "";
  row.network = listening.network;
  if (protocol == "mail" && listening.tls == 0) {
    const ConfigDirective* starttls = LastDirective(server.children, "starttls");
    const std::string how = starttls == nullptr ? "off" : JoinWords(starttls->arguments);
    row.tls = how != "off";
    row.plaintext = how != "only";
  }
  row.is_default = settings.protocols.empty();
  if (!row.is_default) {
    SetVersions(row, NginxVersions(settings.protocols), JoinWords(settings.protocols));
  }
  if (!settings.ciphers.empty()) SetCiphers(row, JoinWords(settings.ciphers));
  if (settings.commands) {
    row.minimum.reset();
    row.weak.reset();
    AddProblem(row, "ssl_conf_command may change the versions");
  }
  return row;
}

bool SelectInclude(const ConfigDirective& directive, ConfigFiles& files, const std::string& folder,
                   std::vector<std::string>& paths) {
  if (directive.name != "include") return false;
  if (directive.arguments.size() != 1) {
    files.Problem(directive.file + ": an include that does not name one file");
    return true;
  }
  paths = files.Match(InFolder(folder, directive.arguments[0]));
  return true;
}

// "443" and "*:443" are one address, "[::]:443" is another.
std::string AddressOf(const std::string& listen) {
  if (listen.starts_with("unix:")) return listen;
  const size_t colon = listen.rfind(':');
  const bool bracketed = !listen.empty() && listen.back() == ']';
  if (colon != std::string::npos && !bracketed) return listen;
  const bool port = listen.find_first_not_of("0123456789") == std::string::npos;
  return port ? "*:" + listen : listen + ":80";
}

// For each address the row that answers before a name is known: `default_server`, else the first.
std::map<std::string, size_t> DefaultsOf(const std::vector<const ConfigDirective*>& servers) {
  std::map<std::string, size_t> defaults;
  for (const bool said : {true, false}) {
    for (size_t i = 0; i < servers.size(); ++i) {
      for (const ConfigDirective& one : servers[i]->children) {
        if (one.name != "listen" || one.arguments.empty()) continue;
        const bool named = Has(one.arguments, "default_server") || Has(one.arguments, "default");
        if (named || !said) defaults.emplace(AddressOf(one.arguments[0]), i);
      }
    }
  }
  return defaults;
}

bool IsOlder(const ServerConfigRow& one, const ServerConfigRow& than) {
  if (one.tls != true || !than.minimum) return false;
  return !one.minimum || *one.minimum < *than.minimum;
}

void JudgeShared(const std::vector<const ConfigDirective*>& servers, size_t first,
                 std::vector<ServerConfigRow>& rows) {
  const std::map<std::string, size_t> defaults = DefaultsOf(servers);
  const std::vector<ServerConfigRow> own(rows.begin() + static_cast<ptrdiff_t>(first), rows.end());
  for (size_t i = 0; i < servers.size(); ++i) {
    for (const ConfigDirective& one : servers[i]->children) {
      if (one.name != "listen" || one.arguments.empty()) continue;
      const ServerConfigRow& decides = own[defaults.at(AddressOf(one.arguments[0]))];
      if (!IsOlder(decides, own[i])) continue;
      ServerConfigRow& row = rows[first + i];
      row.minimum.reset();
      if (!row.least || decides.least < row.least) row.least = decides.least;
      AddProblem(row, "on " + one.arguments[0] + " the versions of " + decides.context + " (line " +
                          std::to_string(decides.line) +
                          ") may hold: they are settled before the name is known");
    }
  }
}

void AddServers(const ConfigTree& tree, const std::string& protocol, const Inherited& above,
                std::vector<ServerConfigRow>& rows) {
  const Inherited here = Below(tree, above);
  const size_t first = rows.size();
  std::vector<const ConfigDirective*> servers;
  for (const ConfigDirective& one : tree) {
    if (!one.block || one.name != "server") continue;
    servers.push_back(&one);
    rows.push_back(RowOf(one, protocol, Below(one.children, here)));
  }
  if (protocol != "mail") JudgeShared(servers, first, rows);
}

void ReadOne(Env& env, const std::string& path, ServerConfigs& out) {
  ConfigFiles files(env);
  const std::string folder = FolderOf(path);
  const IncludeRules rules = {ParseNginxConfig,
                              [&folder](const ConfigDirective& directive, ConfigFiles& from,
                                        std::vector<std::string>& paths) {
                                return SelectInclude(directive, from, folder, paths);
                              }};
  const auto tree = LoadConfigTree(files, path, rules);
  if (absl::IsNotFound(tree.status())) return;
  if (!tree.ok()) return out.problems.emplace_back(tree.status().message()), void();
  for (const ConfigDirective& one : *tree) {
    if (one.block && (one.name == "http" || one.name == "stream" || one.name == "mail")) {
      AddServers(one.children, one.name, {}, out.rows);
    }
  }
  out.problems.insert(out.problems.end(), files.problems().begin(), files.problems().end());
}

}  // namespace

void ReadNginxConfigs(Env& env, ServerConfigs& out) {
  for (const char* path : kMainFiles) ReadOne(env, path, out);
}

}  // namespace tom
