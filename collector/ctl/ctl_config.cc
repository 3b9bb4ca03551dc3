#include "collector/ctl/ctl_config.h"

#include <charconv>
#include <cstdlib>

#include "checks/engine/yaml_tree.h"
#include "collector/pki/private_file.h"
#include "evidence/read_file.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxKeyFile = 64 << 10;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// "collector.example.org:8443" or "[::1]:8443".
bool IsHostPort(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view host = text.substr(0, colon);
  if (host.find(':') != std::string_view::npos && (host.front() != '[' || host.back() != ']')) {
    return false;
  }
  const std::string_view digits = text.substr(colon + 1);
  int port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc() && end == digits.data() + digits.size() && port > 0 && port < 65536;
}

}  // namespace

std::string CtlEnvironmentName(const CtlKey& key) {
  std::string name = "TOM_";
  for (const char* c = key.name; *c != '\0'; ++c) {
    name.push_back(*c >= 'a' && *c <= 'z' ? static_cast<char>(*c - 'a' + 'A') : *c);
  }
  return name;
}

std::string CtlFlagName(const CtlKey& key) {
  std::string name = "--";
  for (const char* c = key.name; *c != '\0'; ++c) name.push_back(*c == '_' ? '-' : *c);
  return name;
}

absl::StatusOr<CtlConfig> ParseCtlConfig(std::string_view yaml, const std::string& file) {
  TOM_ASSIGN_OR_RETURN(const YamlNode root, ParseYaml(yaml, file));
  if (!root.IsNull() && !root.IsMap()) return YamlError(root, file, "", "not a map of keys");
  YamlFields fields(root, file);
  CtlConfig config;
  for (const CtlKey& key : kCtlKeys) {
    if (!fields.Has(key.name)) {
      fields.TextOr(key.name, "");
      continue;
    }
    config.*key.member = fields.Text(key.name);
    if ((config.*key.member).empty()) fields.Fail(key.name, "empty");
  }
  if (!config.collector.empty() && !IsHostPort(config.collector)) {
    fields.Fail("collector", "not HOST:PORT");
  }
  TOM_RETURN_IF_ERROR(fields.Finish());
  return config;
}

void Override(CtlConfig& config, const CtlConfig& over) {
  for (const CtlKey& key : kCtlKeys) {
    if (!(over.*key.member).empty()) config.*key.member = over.*key.member;
  }
}

CtlConfigFile FindCtlConfig(const std::string& flag) {
  if (!flag.empty()) return {flag, true};
  if (std::string path = Environment("TOM_CONFIG"); !path.empty()) return {std::move(path), true};
  if (const std::string base = Environment("XDG_CONFIG_HOME"); !base.empty()) {
    return {base + "/tom/tomctl.yaml", false};
  }
  return {Environment("HOME") + "/.config/tom/tomctl.yaml", false};
}

absl::StatusOr<KeyPair> LoadKeyPair(const std::string& cert_file, const std::string& key_file,
                                    const std::string& what) {
  TOM_ASSIGN_OR_RETURN(const std::string cert_pem, ReadSmallFile(cert_file, kMaxKeyFile));
  TOM_ASSIGN_OR_RETURN(const std::string key_pem, ReadPrivateFile(key_file, kMaxKeyFile));
  auto certificate = ReadCertificatePem(cert_pem);
  if (!certificate.ok()) return Annotate(certificate.status(), what + " " + cert_file);
  auto key = PrivateKey::FromPem(key_pem);
  if (!key.ok()) return Annotate(key.status(), what + " " + key_file);
  if (key->public_key().spki() != certificate->spki) {
    return BadData(key_file + ": not the key of " + cert_file);
  }
  return KeyPair{*std::move(certificate), *std::move(key)};
}

}  // namespace tom
