#include "checks/tables/datadog_transport.h"

#include "checks/parse/ascii_words.h"

namespace tom {
namespace {

class Settings {
 public:
  Settings(const YamlNode& root, const std::map<std::string, std::string>& environment)
      : root_(root), environment_(environment) {}

  // `group` may be empty. Nothing where it is not set.
  std::optional<std::string> Text(const std::string& group, const std::string& name) const {
    std::string variable = "DD_";
    for (const char c : group) variable.push_back(UpperAscii(c));
    if (!group.empty()) variable.push_back('_');
    for (const char c : name) variable.push_back(UpperAscii(c));
    const auto set = environment_.find(variable);
    if (set != environment_.end()) return set->second;
    const YamlNode* map = group.empty() ? &root_ : root_.Find(group);
    const YamlNode* value = map == nullptr ? nullptr : map->Find(name);
    if (value == nullptr || value->IsNull()) return std::nullopt;
    if (!value->IsScalar()) return "(not a single value)";
    return value->text;
  }

  // Nothing: what is written is no boolean of YAML 1.1 or Go's strconv.
  std::optional<bool> Flag(const std::string& group, const std::string& name,
                           bool otherwise) const {
    const auto text = Text(group, name);
    if (!text) return otherwise;
    for (const char* yes : {"true", "yes", "on", "1", "t", "y"}) {
      if (EqualsNoCase(*text, yes)) return true;
    }
    for (const char* no : {"false", "no", "off", "0", "f", "n", ""}) {
      if (EqualsNoCase(*text, no)) return false;
    }
    return std::nullopt;
  }

  const YamlNode* Node(const std::string& group, const std::string& name) const {
    const YamlNode* map = root_.Find(group);
    return map == nullptr ? nullptr : map->Find(name);
  }

 private:
  const YamlNode& root_;
  const std::map<std::string, std::string>& environment_;
};

constexpr char kLogs[] = "logs_config";

void SplitAddress(std::string_view text, DatadogTransport& to) {
  const size_t colon = text.rfind(':');
  const bool port = colon != std::string_view::npos && colon + 1 < text.size() &&
                    text.find(']', colon) == std::string_view::npos;
  to.host = text.substr(0, port ? colon : text.size());
  to.port = port ? std::string(text.substr(colon + 1)) : "";
}

// Where all logs go beside the main receiver: each must be encrypted too.
void ReadAdditional(const Settings& settings, DatadogTransport& to) {
  const YamlNode* more = settings.Node(kLogs, "additional_endpoints");
  if (more == nullptr || more->IsNull()) return;
  if (!more->IsSequence()) {
    to.encrypted = std::nullopt;
    return;
  }
  for (const YamlNode& one : more->items) {
    for (const char* name : {"use_ssl", "UseSSL", "usessl"}) {
      const YamlNode* ssl = one.Find(name);
      if (ssl != nullptr && EqualsNoCase(ssl->text, "false")) to.encrypted = false;
    }
  }
}

void ReadEncryption(const Settings& settings, DatadogTransport& to, bool own_address) {
  const auto no_ssl = settings.Flag(kLogs, "logs_no_ssl", false);
  const auto development = settings.Flag(kLogs, "dev_mode_no_ssl", false);
  const auto skip = settings.Flag("", "skip_ssl_validation", false);
  if (development == std::optional<bool>(true) ||
      (own_address && no_ssl == std::optional<bool>(true))) {
    to.encrypted = false;
  } else if (!no_ssl || !development || *no_ssl) {
    to.encrypted = std::nullopt;  // logs_no_ssl without an address of one's own: versions differ
  } else {
    to.encrypted = true;
  }
  ReadAdditional(settings, to);
  if (to.encrypted == std::optional<bool>(false)) {
    to.verified = false;
  } else if (to.encrypted && skip) {
    to.verified = !*skip;
  }
}

}  // namespace

DatadogTransport ReadDatadogTransport(const YamlNode& root,
                                      const std::map<std::string, std::string>& environment) {
  const Settings settings(root, environment);
  DatadogTransport to;
  // log_enabled is its old name.
  to.logs_enabled =
      settings.Flag("", "logs_enabled", settings.Flag("", "log_enabled", false).value_or(false));
  to.conf_folder = settings.Text("", "confd_path").value_or("");
  if (!to.conf_folder.empty() && to.conf_folder[0] != '/') to.conf_folder.clear();
  const bool tcp = settings.Flag(kLogs, "use_tcp", false).value_or(false) ||
                   settings.Flag(kLogs, "force_use_tcp", false).value_or(false);
  std::string address = settings.Text(kLogs, "logs_dd_url").value_or("");
  bool plain_scheme = false;
  for (const char* scheme : {"http://", "https://"}) {
    if (!address.starts_with(scheme)) continue;
    plain_scheme = std::string(scheme) == "http://";
    address = address.substr(std::string(scheme).size());
    address = address.substr(0, address.find('/'));
  }
  if (!address.empty()) {
    SplitAddress(address, to);
  } else {
    to.host = "logs of " + settings.Text("", "site").value_or("datadoghq.com");
    to.port = tcp ? "10516" : "443";
  }
  ReadEncryption(settings, to, !address.empty());
  if (plain_scheme) to.encrypted = to.verified = false;
  const bool plain = to.encrypted == std::optional<bool>(false);
  to.protocol = tcp ? "tcp" : plain ? "http" : "https";
  const YamlNode* rules = settings.Node(kLogs, "processing_rules");
  if ((rules != nullptr && !rules->IsNull()) ||
      environment.contains("DD_LOGS_CONFIG_PROCESSING_RULES")) {
    to.leaves_out = true;
  }
  to.works = true;
  if (settings.Text("", "api_key").value_or("").empty()) {
    to.works = false;
    to.problem = "no api_key is set";
  } else if (to.host.starts_with("127.") || to.host == "localhost" || to.host == "::1" ||
             to.host == "[::1]") {
    to.works = std::nullopt;
    to.problem = "it goes to this host itself";
  }
  return to;
}

}  // namespace tom
