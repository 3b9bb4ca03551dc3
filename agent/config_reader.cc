#include "agent/config_reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "agent/address.h"
#include "checks/engine/parameter_yaml.h"
#include "checks/engine/zone_time.h"
#include "checks/parse/syslog_facility.h"
#include "evidence/catalogue.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

void Append(std::vector<std::string>& to, std::vector<std::string> more) {
  for (std::string& text : more) {
    if (std::find(to.begin(), to.end(), text) == to.end()) to.push_back(std::move(text));
  }
}

// One file's reader of the single values.
class FileReader {
 public:
  FileReader(const YamlNode& root, const std::string& file, AgentConfig& config,
             std::set<std::string>& singles)
      : top_(root, file), config_(config), singles_(singles) {}

  absl::Status Read() {
    ReadCollector();
    ReadProfiles();
    ReadEndpoints(top_, config_.declared);
    ReadPages(top_, config_.declared);
    ReadDataPaths(top_, config_.declared);
    ReadBackups(top_, config_.declared);
    ReadDatabases(top_, config_.declared);
    ReadAccounts();
    ReadBaseline();
    if (const YamlNode* map = top_.Map("logging"); map != nullptr) {
      YamlFields fields(*map, top_.file(), "logging");
      Append(config_.declared.logging_facilities, fields.Texts("facilities"));
      for (const std::string& facility : config_.declared.logging_facilities) {
        if (!IsSyslogFacility(facility)) fields.Fail("facilities", "no facility: " + facility);
      }
      const std::vector<std::string> files = fields.Texts("files");
      for (const std::string& path : files) {
        if (path.empty() || path[0] != '/') fields.Fail("files", "expected absolute paths");
      }
      Append(config_.declared.logging_files, files);
      top_.Keep(fields.Finish());
    }
    ReadDocuments(top_, config_.declared);
    ReadConnectors(top_, config_.declared);
    ReadRetention(top_, config_.declared);
    ReadTenants(top_, config_.declared);
    ReadUserStores(top_, config_.declared);
    ReadVulnerabilityFeeds(top_, config_.declared);
    ReadDrills(top_, singles_, config_.declared);
    ReadExclusions();
    ReadPrivacy();
    ReadProbe();
    ReadLimits();
    ReadParameters();
    return top_.Finish();
  }

 private:
  // A single value that stands in this file must stand in no other.
  bool Single(YamlFields& fields, std::string_view key) {
    if (!fields.Has(key)) {
      fields.Any(key);
      return false;
    }
    if (!singles_.insert(fields.Path(key)).second) {
      fields.Fail(key, "stands in two files of the configuration");
    }
    return true;
  }

  void Keep(const std::string& key, const YamlNode& node) {
    config_.places.emplace(key,
                           absl::StrCat(ToAbsl(top_.file()), ":", node.line, ":", node.column));
  }

  void ReadCollector() {
    const YamlNode* map = top_.Map("collector");
    if (map == nullptr) return;
    YamlFields fields(*map, top_.file(), "collector");
    if (Single(fields, "address")) config_.collector_address = fields.Text("address");
    const std::string& address = config_.collector_address;
    if (fields.ok() && !address.empty() && !ParseAddress(address).ok()) {
      fields.Fail("address", "expected HOST:PORT, the port from 1 to 65535");
    }
    top_.Keep(fields.Finish());
  }

  void ReadProfiles() {
    Append(config_.profiles, top_.Texts("profiles"));
    if (const YamlNode* list = top_.Any("profiles"); list != nullptr) {
      for (const YamlNode& item : list->items) Keep("profiles." + item.text, item);
    }
    if (top_.Has("profile")) {
      const std::string profile = top_.Text("profile");
      Append(config_.profiles, {profile});
      Keep("profiles." + profile, *top_.Any("profile"));
    } else {
      top_.Any("profile");
    }
  }

  void ReadAccounts() {
    const YamlNode* map = top_.Map("accounts");
    if (map == nullptr) return;
    YamlFields fields(*map, top_.file(), "accounts");
    DeclaredAccounts& accounts = config_.declared.accounts;
    Append(accounts.administrators, fields.Texts("administrators"));
    Append(accounts.leavers, fields.Texts("leavers"));
    Append(accounts.service_shells, fields.Texts("service_shells"));
    Append(accounts.nopasswd_allowed, fields.Texts("nopasswd_allowed"));
    top_.Keep(fields.Finish());
  }

  void ReadBaseline() {
    const YamlNode* map = top_.Map("baseline");
    if (map == nullptr) return;
    YamlFields fields(*map, top_.file(), "baseline");
    if (const YamlNode* sysctl = fields.Map("sysctl"); sysctl != nullptr) {
      YamlFields values(*sysctl, top_.file(), "baseline.sysctl");
      for (const auto& [name, node] : sysctl->entries) {
        if (Single(values, name)) config_.declared.sysctl[name] = values.Text(name);
      }
      fields.Keep(values.Finish());
    }
    for (const std::string& path : fields.Texts("oscap_results")) {
      if (path.empty() || path[0] != '/') fields.Fail("oscap_results", "expected absolute paths");
      config_.declared.oscap_results.push_back(path);
    }
    top_.Keep(fields.Finish());
  }

  void ReadExclusions() {
    const YamlNode* list = top_.Sequence("exclusions");
    if (list == nullptr) return;
    for (const YamlNode& item : list->items) {
      YamlFields fields(item, top_.file(), "exclusions");
      ConfigExclusion exclusion;
      exclusion.check = fields.Text("check");
      if (fields.ok() && !IsCheckId(exclusion.check)) fields.Fail("check", "expected a check's id");
      exclusion.subject = fields.Text("subject");
      exclusion.reason = fields.Text("reason");
      exclusion.owner = fields.Text("owner");
      const auto expires = ParseDateEnd(fields.Text("expires"), "UTC");
      if (!expires.ok()) fields.Fail("expires", FromAbsl(expires.status().message()));
      exclusion.expires = expires.value_or(0);
      if (exclusion.reason.empty()) fields.Fail("reason", "empty");
      if (exclusion.owner.empty()) fields.Fail("owner", "empty");
      config_.exclusions.push_back(std::move(exclusion));
      top_.Keep(fields.Finish());
    }
  }

  void ReadPrivacy() {
    const YamlNode* map = top_.Map("privacy");
    if (map == nullptr) return;
    YamlFields fields(*map, top_.file(), "privacy");
    if (Single(fields, "pseudonymise")) {
      config_.privacy.pseudonymise = fields.BooleanOr("pseudonymise", true);
    }
    if (Single(fields, "key_file")) config_.privacy.key_file = PathOr(fields, "key_file");
    top_.Keep(fields.Finish());
  }

  void ReadProbe() {
    const YamlNode* map = top_.Map("probe");
    if (map == nullptr) return;
    YamlFields fields(*map, top_.file(), "probe");
    Append(config_.declared.probe_exclude, fields.Texts("exclude"));
    if (Single(fields, "max_per_second")) {
      config_.declared.probe_max_per_second = fields.Integer("max_per_second", 1, 1000);
    }
    top_.Keep(fields.Finish());
  }

  void ReadLimits() {
    const YamlNode* map = top_.Map("limits");
    if (map == nullptr) return;
    YamlFields fields(*map, top_.file(), "limits");
    LimitsConfig& limits = config_.limits;
    if (Single(fields, "cpu_percent")) limits.cpu_percent = fields.Integer("cpu_percent", 1, 100);
    if (Single(fields, "memory_mib")) limits.memory_mib = fields.Integer("memory_mib", 32, 4096);
    if (Single(fields, "check_seconds")) {
      limits.check_seconds = fields.Integer("check_seconds", 1, 600);
    }
    top_.Keep(fields.Finish());
  }

  void ReadParameters() {
    const YamlNode* map = top_.Map("parameters");
    if (map == nullptr) return;
    for (const auto& [measure, values] : map->entries) {
      const std::string path = "parameters." + measure;
      YamlFields fields(values, top_.file(), path);
      for (const auto& [name, node] : values.entries) {
        if (!Single(fields, name)) continue;
        auto value = RawValue(node, top_.file(), path + "." + name);
        fields.Keep(value.status());
        fields.Any(name);
        if (value.ok()) config_.parameters[measure][name] = *std::move(value);
        Keep(path + "." + name, node);
      }
      top_.Keep(fields.Finish());
    }
  }

  YamlFields top_;
  AgentConfig& config_;
  std::set<std::string>& singles_;
};

}  // namespace

absl::Status AddConfigFile(std::string_view text, const std::string& file, AgentConfig& config,
                           std::set<std::string>& singles) {
  TOM_ASSIGN_OR_RETURN(const YamlNode root, ParseYaml(text, file));
  TOM_RETURN_IF_ERROR(FileReader(root, file, config, singles).Read());
  config.written[file.substr(file.rfind('/') + 1)] = YamlToJson(root);
  return absl::OkStatus();
}

}  // namespace tom
