#include "collector/config.h"

#include <filesystem>

#include "checks/engine/yaml_tree.h"
#include "evidence/certificate.h"
#include "evidence/limits.h"
#include "evidence/read_file.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// Keys of interfaces.md that this version reads past: what they configure is not part of it yet.
constexpr std::string_view kLater[] = {
    "checkpoint_recipients", "processor", "retention", "alerts", "time_zone", "language"};

absl::Status ReadListen(const YamlNode* node, const std::string& file, CollectorConfig& config) {
  if (node == nullptr) return absl::OkStatus();
  YamlFields fields(*node, file, "listen");
  config.grpc_listen = fields.TextOr("grpc", config.grpc_listen);
  config.https_listen = fields.TextOr("https", config.https_listen);
  return fields.Finish();
}

absl::Status ReadStore(const YamlNode* node, const std::string& file, CollectorConfig& config) {
  if (node == nullptr) return absl::OkStatus();
  YamlFields fields(*node, file, "store");
  const std::string kind = fields.TextOr("kind", "sqlite");
  if (kind != "sqlite") fields.Fail("kind", "this version has sqlite alone");
  config.store_path = fields.TextOr("path", "");
  return fields.Finish();
}

absl::Status ReadTsa(const YamlNode* node, const std::string& file, CollectorConfig& config) {
  if (node == nullptr) return absl::OkStatus();
  YamlFields fields(*node, file, "tsa");
  config.tsa.url = fields.TextOr("url", "");
  const std::string authority = fields.TextOr("authority_file", "");
  config.tsa.every_seconds = fields.DurationSecondsOr("every", limits::kStampEverySeconds);
  config.tsa.after_scope_seconds = fields.DurationSecondsOr("after_scope", kMinute);
  if (config.tsa.every_seconds < 1 || config.tsa.every_seconds > limits::kStampEverySeconds) {
    fields.Fail("every", "expected 1s to 8h");
  }
  if (config.tsa.after_scope_seconds < 1 ||
      config.tsa.after_scope_seconds > limits::kStampAfterScopeSeconds) {
    fields.Fail("after_scope", "expected 1s to 5m");
  }
  if (!config.tsa.url.empty() && authority.empty()) {
    fields.Fail("authority_file", "missing: whose time-stamps are believed (PEM)");
  }
  TOM_RETURN_IF_ERROR(fields.Finish());
  if (authority.empty()) return absl::OkStatus();
  TOM_ASSIGN_OR_RETURN(const std::string pem, ReadSmallFile(authority, 1 << 20));
  absl::StatusOr<std::vector<std::string>> certificates = PemToDer(pem);
  if (!certificates.ok()) return Annotate(certificates.status(), authority);
  config.tsa.authorities = *std::move(certificates);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CollectorConfig> LoadCollectorConfig(const std::string& path) {
  TOM_ASSIGN_OR_RETURN(const std::string text, ReadSmallFile(path, kMaxYamlBytes));
  TOM_ASSIGN_OR_RETURN(const YamlNode root, ParseYaml(text, path));
  CollectorConfig config;
  YamlFields fields(root, path);
  const std::string state = fields.TextOr("state", "");
  const YamlNode* listen = fields.Map("listen");
  const YamlNode* store = fields.Map("store");
  const YamlNode* tsa = fields.Map("tsa");
  for (const std::string_view key : kLater) fields.Any(key);
  TOM_RETURN_IF_ERROR(fields.Finish());
  TOM_RETURN_IF_ERROR(ReadListen(listen, path, config));
  TOM_RETURN_IF_ERROR(ReadStore(store, path, config));
  TOM_RETURN_IF_ERROR(ReadTsa(tsa, path, config));
  if (!state.empty()) {
    config.state = state;
  } else if (!config.store_path.empty()) {
    config.state = std::filesystem::path(config.store_path).parent_path().string();
  }
  if (config.store_path.empty()) config.store_path = config.state + "/store.db";
  return config;
}

}  // namespace tom
