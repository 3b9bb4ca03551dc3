#include "collector/ctl/ctl_config.h"

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

}  // namespace

absl::StatusOr<CtlConfig> ParseCtlConfig(std::string_view yaml, const std::string& file) {
  TOM_ASSIGN_OR_RETURN(const YamlNode root, ParseYaml(yaml, file));
  YamlFields fields(root, file);
  CtlConfig config;
  config.collector = fields.Text("collector");
  const struct {
    const char* key;
    std::string& value;
  } optional[] = {{"ca_file", config.ca_file},
                  {"cert_file", config.cert_file},
                  {"key_file", config.key_file},
                  {"signing_cert_file", config.signing_cert_file},
                  {"signing_key_file", config.signing_key_file},
                  {"approver_cert_file", config.approver_cert_file},
                  {"approver_key_file", config.approver_key_file},
                  {"publisher_cert_file", config.publisher_cert_file},
                  {"publisher_key_file", config.publisher_key_file},
                  {"pack_cert_file", config.pack_cert_file},
                  {"pack_key_file", config.pack_key_file},
                  {"trust_file", config.trust_file},
                  {"tsa", config.tsa},
                  {"tsa_trust_file", config.tsa_trust_file}};
  for (const auto& member : optional) member.value = fields.TextOr(member.key, "");
  TOM_RETURN_IF_ERROR(fields.Finish());
  return config;
}

std::string CtlConfigPath(const std::string& flag) {
  if (!flag.empty()) return flag;
  if (std::string path = Environment("TOM_CONFIG"); !path.empty()) return path;
  if (const std::string base = Environment("XDG_CONFIG_HOME"); !base.empty()) {
    return base + "/tom/tomctl.yaml";
  }
  return Environment("HOME") + "/.config/tom/tomctl.yaml";
}

absl::StatusOr<KeyPair> LoadKeyPair(const std::string& cert_file, const std::string& key_file,
                                    const std::string& what) {
  if (cert_file.empty() || key_file.empty()) {
    return absl::FailedPreconditionError(
        ToAbsl("the configuration names no " + what + "_cert_file and " + what + "_key_file"));
  }
  TOM_ASSIGN_OR_RETURN(const std::string cert_pem, ReadSmallFile(cert_file, kMaxKeyFile));
  TOM_RETURN_IF_ERROR(CheckPrivate(key_file));
  TOM_ASSIGN_OR_RETURN(const std::string key_pem, ReadSmallFile(key_file, kMaxKeyFile));
  auto certificate = ReadCertificatePem(cert_pem);
  if (!certificate.ok()) return Annotate(certificate.status(), cert_file);
  auto key = PrivateKey::FromPem(key_pem);
  if (!key.ok()) return Annotate(key.status(), key_file);
  if (key->public_key().spki() != certificate->spki) {
    return BadData(key_file + ": not the key of " + cert_file);
  }
  return KeyPair{*std::move(certificate), *std::move(key)};
}

}  // namespace tom
