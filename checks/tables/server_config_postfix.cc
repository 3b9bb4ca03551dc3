// Postfix 3.6 and newer: each smtpd of master.cf with its -o over main.cf (server_config.h).
//
// Mandatory encryption reads the *_mandatory_* settings, opportunistic the others
// (TLS_README, "Server-side TLS").
#include <algorithm>

#include "checks/parse/ascii_words.h"
#include "checks/parse/postfix_config.h"
#include "checks/tables/config_files.h"
#include "checks/tables/server_config.h"

namespace tom {
namespace {

using Values = std::map<std::string, std::string>;

constexpr char kMain[] = "/etc/postfix/main.cf";
constexpr char kMaster[] = "/etc/postfix/master.cf";

class Service {
 public:
  Service(const Values& main, const PostfixService& service) : values_(main) {
    for (const auto& [name, value] : service.parameters) values_[name] = value;
    row_.server = "postfix";
    row_.file = kMaster;
    row_.line = service.line;
    row_.context = service.name.substr(0, 200) + "/" + service.type;
    row_.listener = service.name.substr(0, 200);
    Network(service);
  }

  ServerConfigRow Judge() {
    const std::string level = Level();
    const bool wraps = EqualsNoCase(Value("smtpd_tls_wrappermode"), "yes");
    const bool must = level == "encrypt" || wraps;
    row_.tls = must || level == "may";
    row_.plaintext = !must;
    row_.plaintext_reason = level == "may" ? "smtpd_tls_security_level is may"
                            : must         ? ""
                                           : "smtpd_tls_security_level is not set";
    // What offers TLS only when asked is judged by both lists: the weaker counts for the may.
    const std::string name = must ? "smtpd_tls_mandatory_protocols" : "smtpd_tls_protocols";
    const auto found = values_.find(name);
    row_.is_default = found == values_.end();
    if (!row_.is_default) {
      const std::string value = Value(name);
      SetVersions(row_, PostfixVersions(value), value.empty() ? "(empty)" : value);
    }
    Ciphers(must);
    if (!row_.problem.empty()) Forget();
    return std::move(row_);
  }

 private:
  std::string Value(const std::string& name) {
    const auto found = values_.find(name);
    if (found == values_.end()) return "";
    auto value = ExpandPostfix(found->second, values_);
    if (value.ok()) return *std::move(value);
    AddProblem(row_, name + ": " + std::string(value.status().message()));
    return "";
  }

  // Before smtpd_tls_security_level there were two switches, which count where it is empty.
  std::string Level() {
    std::string level = Value("smtpd_tls_security_level");
    if (level == "verify" || level == "secure" || level == "fingerprint") level = "encrypt";
    if (level.empty() && EqualsNoCase(Value("smtpd_enforce_tls"), "yes")) level = "encrypt";
    if (level.empty() && EqualsNoCase(Value("smtpd_use_tls"), "yes")) level = "may";
    if (level.empty()) level = "none";
    if (level != "none" && level != "may" && level != "encrypt") {
      AddProblem(row_, "smtpd_tls_security_level is not understood: " + level.substr(0, 100));
    }
    return level;
  }

  // A grade stands for a list of suites, from which some are taken.
  void Ciphers(bool must) {
    const std::string name = must ? "smtpd_tls_mandatory_ciphers" : "smtpd_tls_ciphers";
    if (values_.count(name) == 0) return;
    const std::string grade = Value(name);
    const auto list = values_.find("tls_" + grade + "_cipherlist");
    row_.ciphers = grade;
    CipherJudgement judgement;
    if (list != values_.end()) {
      judgement = JudgeCipherString(Value(list->first));
    } else if (EqualsNoCase(grade, "null")) {
      judgement = {{"NULL"}, true};
    } else if (EqualsNoCase(grade, "export")) {
      judgement = {{"EXPORT"}, true};
    } else if (EqualsNoCase(grade, "low")) {
      judgement = {{"DES"}, true};
    } else {
      // Of medium and high it depends on the version which suites they are, and mail between
      // servers takes anonymous ones.
      judgement = {{}, false};
    }
    row_.weak = judgement;
  }

  void Network(const PostfixService& service) {
    std::string host;
    if (const size_t colon = service.name.rfind(':'); colon != std::string::npos) {
      host = service.name.substr(0, colon);
    }
    std::string interfaces =
        values_.count("inet_interfaces") == 0 ? "all" : Value("inet_interfaces");
    const bool loopback_host = host.starts_with("127.") || host == "localhost" || host == "[::1]";
    const bool loopback = EqualsNoCase(interfaces, "loopback-only") ||
                          EqualsNoCase(interfaces, "localhost") || interfaces == "127.0.0.1" ||
                          interfaces == "127.0.0.1, ::1" || interfaces == "127.0.0.1, [::1]";
    row_.network = service.type == "pass" || (host.empty() ? !loopback : !loopback_host);
  }

  void Forget() {
    row_.tls.reset();
    row_.minimum.reset();
    row_.weak.reset();
    row_.plaintext.reset();
    row_.network.reset();
  }

  Values values_;
  ServerConfigRow row_;
};

}  // namespace

void ReadPostfixConfigs(Env& env, ServerConfigs& out) {
  ConfigFiles files(env);
  const auto main_text = files.Read(kMain);
  if (absl::IsNotFound(main_text.status())) return;
  const auto master_text = files.Read(kMaster);
  const auto main = main_text.ok() ? ParsePostfixMain(*main_text, kMain)
                                   : absl::StatusOr<Values>(main_text.status());
  const auto services = master_text.ok()
                            ? ParsePostfixMaster(*master_text, kMaster)
                            : absl::StatusOr<std::vector<PostfixService>>(master_text.status());
  for (const absl::Status& status : {main.status(), services.status()}) {
    if (!status.ok()) out.problems.emplace_back(status.message());
  }
  if (!main.ok() || !services.ok()) return;
  if (main->count("multi_instance_directories") != 0) {
    out.problems.emplace_back("/etc/postfix/main.cf: other instances are not read");
  }
  for (const PostfixService& service : *services) {
    const bool listens = service.type == "inet" || service.type == "pass";
    if (listens && service.command == "smtpd") out.rows.push_back(Service(*main, service).Judge());
  }
}

}  // namespace tom
