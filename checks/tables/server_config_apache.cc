// Apache's httpd with mod_ssl (server_config.h).
//
// The last SSLProtocol of a virtual host holds, else the last of the main server. What stands in a
// section whose condition is not known (<IfDefine>, <IfModule> of a module that may be built in)
// may hold or not: where that makes a difference the row says so.
#include <algorithm>
#include <map>

#include "checks/parse/ascii_words.h"
#include "checks/tables/config_files.h"
#include "checks/tables/server_config.h"

namespace tom {
namespace {

struct Layout {
  const char* file;
  const char* root;
};

constexpr Layout kLayouts[] = {{"/etc/apache2/apache2.conf", "/etc/apache2"},
                               {"/etc/httpd/conf/httpd.conf", "/etc/httpd"},
                               {"/usr/local/apache2/conf/httpd.conf", "/usr/local/apache2"}};

// Values that a setting may have; the last of them where all conditions hold.
struct Alternatives {
  std::vector<std::vector<std::string>> values;
  bool may_be_unset = true;

  void Set(const std::vector<std::string>& value, bool sure) {
    if (sure) values.clear();
    if (sure) may_be_unset = false;
    values.push_back(value);
  }
};

struct Settings {
  Alternatives protocol;
  Alternatives ciphers;
  Alternatives engine;
  bool commands = false;  // SSLOpenSSLConfCmd
};

// `value` where nothing of the virtual host's own holds.
Alternatives Merge(const Alternatives& own, const Alternatives& above) {
  if (!own.may_be_unset) return own;
  Alternatives merged = above;
  for (const auto& value : own.values) merged.values.push_back(value);
  return merged;
}

class Apache {
 public:
  Apache(ConfigFiles& files, const ConfigTree& tree) : files_(files), tree_(tree) {}

  void Rows(const std::string& main_file, std::vector<ServerConfigRow>& rows) {
    Settings main;
    Walk(tree_, true, main, &rows);
    ServerConfigRow row = RowOf("main", main, {});
    row.file = main_file;
    row.listener = listens_.substr(0, 1000);
    const bool anything = !main.engine.values.empty() || !main.protocol.values.empty() ||
                          !main.ciphers.values.empty();
    for (Host& host : hosts_) {
      ServerConfigRow one = RowOf("VirtualHost " + host.name, host.settings, main);
      one.file = host.directive->file;
      one.line = host.directive->line;
      one.listener = JoinWords(host.directive->arguments).substr(0, 1000);
      AddProblem(one, host.problem);
      if (host.doubtful) one.tls.reset();
      rows.push_back(std::move(one));
    }
    if (anything || hosts_.empty()) rows.push_back(std::move(row));
  }

 private:
  struct Host {
    const ConfigDirective* directive;
    std::string name;
    Settings settings;
    bool doubtful = false;
    std::string problem;
  };

  enum class Truth { kYes, kNo, kMaybe };

  bool Loaded(std::string_view module) const {
    return std::any_of(modules_.begin(), modules_.end(), [&](const auto& one) {
      const std::string& file = one.second;
      const std::string stem = file.substr(0, file.rfind('.'));
      return EqualsNoCase(one.first, module) || EqualsNoCase(stem + ".c", module);
    });
  }

  // mod_ssl itself counts as there: without it there is no TLS to judge.
  Truth ConditionOf(const ConfigDirective& section) const {
    if (EqualsNoCase(section.name, "IfModule") && section.arguments.size() == 1) {
      std::string_view module = section.arguments[0];
      const bool negated = module.starts_with("!");
      if (negated) module.remove_prefix(1);
      const bool ssl = EqualsNoCase(module, "ssl_module") || EqualsNoCase(module, "mod_ssl.c");
      if (ssl || Loaded(module)) return negated ? Truth::kNo : Truth::kYes;
    }
    return Truth::kMaybe;
  }

  static bool IsCondition(std::string_view name) {
    for (const char* one : {"IfModule", "IfDefine", "IfVersion", "IfFile", "IfDirective",
                            "IfSection", "If", "ElseIf", "Else"}) {
      if (EqualsNoCase(name, one)) return true;
    }
    return false;
  }

  void Walk(const ConfigTree& tree, bool sure, Settings& into,
            std::vector<ServerConfigRow>* hosts_of_main) {
    for (const ConfigDirective& one : tree) {
      if (!one.block) {
        Take(one, sure, into);
      } else if (IsCondition(one.name)) {
        const Truth truth = ConditionOf(one);
        if (truth == Truth::kNo) continue;
        Walk(one.children, sure && truth == Truth::kYes, into, hosts_of_main);
      } else if (EqualsNoCase(one.name, "VirtualHost") && hosts_of_main != nullptr) {
        AddHost(one, sure);
      } else if (EqualsNoCase(one.name, "Macro")) {
        files_.Problem(one.file + ": macros are not read");
      }
    }
  }

  void AddHost(const ConfigDirective& section, bool sure) {
    Host host{&section, JoinWords(section.arguments).substr(0, 300), {}, !sure, ""};
    Walk(section.children, true, host.settings, nullptr);
    for (const ConfigDirective& one : section.children) {
      if (EqualsNoCase(one.name, "ServerName") && !one.arguments.empty()) {
        host.name.append(" ").append(one.arguments[0].substr(0, 200));
      }
    }
    if (!sure) host.problem = "whether this virtual host is there depends on a condition";
    hosts_.push_back(std::move(host));
  }

  void Take(const ConfigDirective& one, bool sure, Settings& into) {
    const auto is = [&](const char* name) { return EqualsNoCase(one.name, name); };
    if (is("LoadModule") && one.arguments.size() == 2 && sure) {
      const std::string& file = one.arguments[1];
      modules_[one.arguments[0]] = file.substr(file.rfind('/') + 1);
    } else if (is("SSLProtocol")) {
      into.protocol.Set(one.arguments, sure);
    } else if (is("SSLCipherSuite")) {
      // With a first word for the version, TLSv1.3 alone is set otherwise.
      const bool two = one.arguments.size() == 2;
      if (two && EqualsNoCase(one.arguments[0], "TLSv1.3")) return;
      into.ciphers.Set(two ? std::vector<std::string>{one.arguments[1]} : one.arguments, sure);
    } else if (is("SSLEngine")) {
      into.engine.Set(one.arguments, sure);
    } else if (is("SSLOpenSSLConfCmd") || is("SSLPolicy")) {
      into.commands = true;
    } else if (is("Listen") && !one.arguments.empty()) {
      listens_.append(listens_.empty() ? "" : " ").append(one.arguments[0]);
    } else if (is("Use")) {
      files_.Problem(one.file + ": macros are not read");
    }
  }

  static ServerConfigRow RowOf(const std::string& context, const Settings& own,
                               const Settings& above) {
    ServerConfigRow row;
    row.server = "apache";
    row.context = context;
    const Alternatives engine = Merge(own.engine, above.engine);
    SetEngine(row, engine);
    SetProtocol(row, Merge(own.protocol, above.protocol));
    const Alternatives ciphers = Merge(own.ciphers, above.ciphers);
    if (!ciphers.values.empty()) {
      SetCiphers(row, JoinWords(ciphers.values.back()));
      if (ciphers.values.size() > 1 || ciphers.may_be_unset) {
        row.weak->sure = false;
        AddProblem(row, "SSLCipherSuite depends on a condition");
      }
    }
    if (own.commands || above.commands) {
      row.minimum.reset();
      row.weak.reset();
      AddProblem(row, "SSLOpenSSLConfCmd or SSLPolicy may change the versions");
    }
    return row;
  }

  static void SetEngine(ServerConfigRow& row, const Alternatives& engine) {
    if (engine.values.empty()) {
      row.tls = false;
      row.plaintext = true;
    } else if (engine.values.size() == 1 && !engine.may_be_unset) {
      const std::string how = JoinWords(engine.values[0]);
      row.tls = !EqualsNoCase(how, "off");
      row.plaintext = !EqualsNoCase(how.substr(0, 2), "on");
    } else {
      AddProblem(row, "SSLEngine depends on a condition");
    }
    row.plaintext_reason = row.plaintext.value_or(false) ? "SSLEngine is not on" : "";
  }

  static void SetProtocol(ServerConfigRow& row, const Alternatives& protocol) {
    if (protocol.values.empty()) {
      row.is_default = true;
      return;
    }
    std::optional<TlsVersion> least;
    bool same = !protocol.may_be_unset;
    bool understood = true;
    for (const auto& value : protocol.values) {
      ServerConfigRow one;
      SetVersions(one, ApacheVersions(value), JoinWords(value));
      understood = understood && one.minimum.has_value();
      if (!one.minimum) continue;
      same = same && (!least || *least == *one.minimum);
      least = least ? std::min(*least, *one.minimum) : one.minimum;
    }
    SetVersions(row, ApacheVersions(protocol.values.back()), JoinWords(protocol.values.back()));
    row.least = least;
    if (understood && same) {
      row.minimum = least;
    } else {
      row.minimum.reset();
      if (!same) AddProblem(row, "SSLProtocol depends on a condition");
    }
  }

  ConfigFiles& files_;
  const ConfigTree& tree_;
  std::map<std::string, std::string> modules_;
  std::vector<Host> hosts_;
  std::string listens_;
};

void AddFolder(ConfigFiles& files, const std::string& folder, size_t depth,
               std::vector<std::string>& paths) {
  const auto names = files.env().ListDirectory(folder);
  if (!names.ok()) return files.Problem(names.status());
  for (const std::string& name : *names) {
    const std::string path = folder + "/" + name;
    if (paths.size() > ConfigFiles::kMaxFiles) return files.Problem(folder + ": too many files");
    if (!files.IsDirectory(path)) {
      paths.push_back(path);
    } else if (depth < ConfigFiles::kMaxDepth) {
      AddFolder(files, path, depth + 1, paths);
    } else {
      files.Problem(path + ": folders are nested too deep");
    }
  }
}

void SelectFiles(ConfigFiles& files, const std::string& pattern, bool optional,
                 std::vector<std::string>& paths) {
  for (const std::string& path : files.Match(pattern)) {
    if (files.IsDirectory(path)) {
      AddFolder(files, path, 0, paths);
    } else if (!optional || files.Exists(path)) {
      paths.push_back(path);
    }
  }
}

void ReadLayout(Env& env, const Layout& layout, ServerConfigs& out) {
  ConfigFiles files(env);
  const std::string root = layout.root;
  const auto select = [&](const ConfigDirective& directive, ConfigFiles& from,
                          std::vector<std::string>& paths) {
    const bool optional = EqualsNoCase(directive.name, "IncludeOptional");
    if (!optional && !EqualsNoCase(directive.name, "Include")) return false;
    if (directive.arguments.size() != 1 || directive.arguments[0].find("${") != std::string::npos) {
      from.Problem(directive.file + " line " + std::to_string(directive.line) +
                   ": an include that names no file by itself");
      return true;
    }
    SelectFiles(from, InFolder(root, directive.arguments[0]), optional, paths);
    return true;
  };
  const auto tree = LoadConfigTree(files, layout.file, {ParseApacheConfig, select});
  if (absl::IsNotFound(tree.status())) return;
  if (!tree.ok()) return out.problems.emplace_back(tree.status().message()), void();
  const ConfigDirective* server_root = LastDirective(*tree, "ServerRoot");
  if (server_root != nullptr && server_root->arguments != std::vector<std::string>{root}) {
    files.Problem(std::string(layout.file) + ": ServerRoot is not " + root);
  }
  Apache(files, *tree).Rows(layout.file, out.rows);
  out.problems.insert(out.problems.end(), files.problems().begin(), files.problems().end());
}

}  // namespace

void ReadApacheConfigs(Env& env, ServerConfigs& out) {
  for (const Layout& layout : kLayouts) ReadLayout(env, layout, out);
}

}  // namespace tom
