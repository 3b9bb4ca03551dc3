// HAProxy 2.x: `bind … ssl` lines and ssl-default-bind-* of `global` (server_config.h;
// configuration manual sections 3.1 and 5.1).
//
// A bind line's own ssl-min-ver or force-* holds before the default's; the no-* words count only
// where no minimum is set, and then the minimum is HAProxy's own. Lower than that it is where
// ssl-max-ver alone is lower.
#include <algorithm>

#include "checks/parse/ascii_words.h"
#include "checks/parse/config_lines.h"
#include "checks/tables/config_files.h"
#include "checks/tables/server_config.h"

namespace tom {
namespace {

constexpr char kMainFile[] = "/etc/haproxy/haproxy.cfg";
constexpr char kMoreFiles[] = "/etc/haproxy/conf.d";

struct Limits {
  std::optional<TlsVersion> minimum;
  std::optional<TlsVersion> maximum;
  std::string written;
  std::string problem;
};

// "force-tlsv12", "no-tlsv10".
std::optional<TlsVersion> FlagVersion(std::string_view word, std::string_view prefix) {
  if (!StartsNoCase(word, prefix)) return std::nullopt;
  const std::string_view name = word.substr(prefix.size());
  constexpr std::pair<std::string_view, TlsVersion> kNames[] = {{"sslv3", TlsVersion::kSsl3},
                                                                {"tlsv10", TlsVersion::kTls10},
                                                                {"tlsv11", TlsVersion::kTls11},
                                                                {"tlsv12", TlsVersion::kTls12},
                                                                {"tlsv13", TlsVersion::kTls13}};
  for (const auto& [text, version] : kNames) {
    if (EqualsNoCase(name, text)) return version;
  }
  return std::nullopt;
}

// Reads the words of options; `at` of words[i] is left on the last one used.
bool TakeOption(const std::vector<std::string>& words, size_t& i, Limits& limits) {
  const std::string& word = words[i];
  const auto write = [&](const std::string& text) {
    limits.written.append(limits.written.empty() ? "" : " ").append(text);
  };
  if (word == "ssl-min-ver" || word == "ssl-max-ver") {
    const std::string value = i + 1 < words.size() ? words[++i] : "";
    write(word + " " + value);
    const auto version = TlsVersionOf(value);
    if (!version) limits.problem = word + " is not understood: " + value;
    (word == "ssl-min-ver" ? limits.minimum : limits.maximum) = version;
    return true;
  }
  if (const auto forced = FlagVersion(word, "force-")) {
    limits.minimum = limits.maximum = forced;
    write(word);
    return true;
  }
  if (FlagVersion(word, "no-")) {
    write(word);
    return true;
  }
  return false;
}

std::vector<std::string> SplitWords(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool any = false;
  char quote = '\0';
  const auto end = [&] {
    if (any) words.push_back(std::move(word));
    word.clear();
    any = false;
  };
  for (size_t i = 0; i < line.size() && words.size() < 500; ++i) {
    const char c = line[i];
    if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
      word += line[++i];
      any = true;
    } else if (quote != '\0') {
      if (c == quote) {
        quote = '\0';
      } else {
        word += c;
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
      any = true;
    } else if (c == '#') {
      break;
    } else if (c == ' ' || c == '\t') {
      end();
    } else {
      word += c;
      any = true;
    }
  }
  end();
  return words;
}

class Haproxy {
 public:
  explicit Haproxy(ConfigFiles& files) : files_(files) {}

  void File(const std::string& path, const std::string& text) {
    std::string section;
    for (const NumberedLine& line : LinesOf(text)) {
      const std::vector<std::string> words = SplitWords(line.text);
      if (words.empty()) continue;
      const bool begins = line.text[0] != ' ' && line.text[0] != '\t';
      if (words[0][0] == '.') {
        conditional_ = conditional_ || words[0] != ".notice";
      } else if (begins || IsSection(words[0])) {
        section = JoinWords(words).substr(0, 300);
        mode_ = section.starts_with("defaults") ? mode_ : default_mode_;
        kind_ = words[0];
      } else if (words[0] == "mode" && words.size() > 1) {
        mode_ = words[1];
        if (kind_ == "defaults") default_mode_ = words[1];
        if (!binds_.empty() && binds_.back().context == section) modes_.back() = mode_;
      } else if (kind_ == "global") {
        Global(words);
      } else if (words[0] == "bind" && words.size() > 1) {
        Bind(path, line.number, section, words);
      }
    }
  }

  void Rows(std::vector<ServerConfigRow>& rows) {
    for (size_t i = 0; i < binds_.size(); ++i) {
      ServerConfigRow& row = binds_[i];
      row.plaintext = *row.tls ? std::optional(false) : std::nullopt;
      if (!*row.tls && modes_[i] == "http") row.plaintext = true;
      if (row.plaintext.value_or(false)) row.plaintext_reason = "binds without ssl";
      if (conditional_) {
        row.minimum.reset();
        row.weak.reset();
        AddProblem(row, "the configuration has conditions (.if)");
      }
      rows.push_back(std::move(row));
    }
  }

 private:
  static bool IsSection(const std::string& word) {
    for (const char* name :
         {"global", "defaults", "frontend", "backend", "listen", "peers", "userlist", "resolvers",
          "mailers", "program", "cache", "http-errors", "ring", "log-forward", "fcgi-app"}) {
      if (word == name) return true;
    }
    return false;
  }

  void Global(const std::vector<std::string>& words) {
    if (words[0] == "ssl-default-bind-options") {
      for (size_t i = 1; i < words.size(); ++i) TakeOption(words, i, defaults_);
    } else if (words[0] == "ssl-default-bind-ciphers" && words.size() > 1) {
      default_ciphers_ = words[1];
    }
  }

  void Bind(const std::string& path, int line, const std::string& section,
            const std::vector<std::string>& words) {
    ServerConfigRow row;
    row.server = "haproxy";
    row.file = path;
    row.line = line;
    row.context = section;
    row.listener = words[1].substr(0, 1000);
    row.network = !(row.listener.starts_with("127.") || row.listener.starts_with("localhost") ||
                    row.listener.starts_with("::1:") || row.listener.starts_with("[::1]") ||
                    row.listener.starts_with("unix@") || row.listener.starts_with("/") ||
                    row.listener.starts_with("abns@") || row.listener.starts_with("fd@"));
    row.tls = std::find(words.begin(), words.end(), "ssl") != words.end();
    Limits limits;
    for (size_t i = 2; i < words.size(); ++i) {
      if (words[i].find('$') != std::string::npos) AddProblem(row, "depends on the environment");
      if (words[i] == "ciphers" && i + 1 < words.size()) {
        SetCiphers(row, words[++i]);
      } else if (words[i] == "crt-list" && i + 1 < words.size()) {
        CertificateList(words[++i], row);
      } else {
        TakeOption(words, i, limits);
      }
    }
    Judge(row, limits);
    binds_.push_back(std::move(row));
    modes_.push_back(mode_);
  }

  // Its lines may set versions and suites for single certificates.
  void CertificateList(const std::string& path, ServerConfigRow& row) {
    const auto text = files_.Read(InFolder("/etc/haproxy", path));
    if (!text.ok()) return AddProblem(row, std::string(text.status().message()));
    for (const char* word : {"ssl-min-ver", "ssl-max-ver", "no-tlsv", "no-sslv", "ciphers"}) {
      if (text->find(word) != std::string::npos) {
        AddProblem(row, path + " sets versions or suites for single certificates");
      }
    }
  }

  // With the defaults read so far: a later `global` holds for later binds alone (bind_parse_ssl).
  void Judge(ServerConfigRow& row, const Limits& own) const {
    if (!*row.tls) return;
    if (!row.ciphers && default_ciphers_) SetCiphers(row, *default_ciphers_);
    const auto minimum = own.minimum ? own.minimum : defaults_.minimum;
    const auto maximum = own.maximum ? own.maximum : defaults_.maximum;
    row.protocols = JoinWords({defaults_.written, own.written});
    if (defaults_.written.empty()) row.protocols = own.written;
    AddProblem(row, own.problem);
    AddProblem(row, defaults_.problem);
    // A maximum below HAProxy's own minimum takes the minimum down with it.
    const bool low = maximum && *maximum < TlsVersion::kTls12;
    row.is_default = !minimum && !low;
    if (row.is_default || !row.problem.empty()) return;
    row.minimum = row.least = minimum && (!low || *minimum <= *maximum) ? minimum : maximum;
  }

  ConfigFiles& files_;
  std::string kind_;
  std::string mode_ = "tcp";
  std::string default_mode_ = "tcp";
  Limits defaults_;
  std::optional<std::string> default_ciphers_;
  bool conditional_ = false;
  std::vector<ServerConfigRow> binds_;
  std::vector<std::string> modes_;
};

}  // namespace

void ReadHaproxyConfigs(Env& env, ServerConfigs& out) {
  ConfigFiles files(env);
  const auto text = files.Read(kMainFile);
  if (absl::IsNotFound(text.status())) return;
  if (!text.ok()) return out.problems.emplace_back(text.status().message()), void();
  Haproxy haproxy(files);
  haproxy.File(kMainFile, *text);
  if (files.IsDirectory(kMoreFiles)) {
    for (const std::string& path : files.Match(std::string(kMoreFiles) + "/*.cfg")) {
      const auto more = files.Read(path);
      if (more.ok()) {
        haproxy.File(path, *more);
      } else {
        files.Problem(more.status());
      }
    }
  }
  haproxy.Rows(out.rows);
  out.problems.insert(out.problems.end(), files.problems().begin(), files.problems().end());
}

}  // namespace tom
