#include "agent/report_cycle.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <fstream>

#include "agent/plan.h"
#include "agent/state_file.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxKeyBytes = 1024;
constexpr size_t kLeastKeyBytes = 16;

absl::StatusOr<Digest> OwnBinary() {
  const OwnedFd fd(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  if (!fd.ok()) return FileError("/proc/self/exe", "cannot open");
  Sha256Stream stream;
  std::string buffer(1 << 20, '\0');
  while (true) {
    const ssize_t got = read(fd.get(), buffer.data(), buffer.size());
    if (got < 0) return FileError("/proc/self/exe", "cannot read");
    if (got == 0) return stream.Finish();
    stream.Add({buffer.data(), static_cast<size_t>(got)});
  }
}

// "debian 12", from os-release(5); "linux" where there is none.
std::string OsName() {
  constexpr std::streamsize kMost = 64 << 10;
  std::ifstream file("/etc/os-release");
  std::string text(kMost, '\0');
  file.read(text.data(), kMost);
  text.resize(static_cast<size_t>(file.gcount()));
  const auto value = [&](std::string_view key) {
    size_t at = text.rfind(key, 0) == 0 ? 0 : text.find("\n" + std::string(key));
    if (at == std::string::npos) return std::string();
    at = text.find('=', at) + 1;
    std::string found = text.substr(at, text.find('\n', at) - at);
    std::erase(found, '"');
    return found.size() <= 64 && IsUtf8(found) && found.find('\0') == std::string::npos
               ? found
               : std::string();
  };
  const std::string id = value("ID=");
  const std::string version = value("VERSION_ID=");
  if (id.empty()) return "linux";
  return version.empty() ? id : id + " " + version;
}

PlannedCheck PlannedOf(const CheckJob& job, const std::string& key) {
  PlannedCheck planned;
  planned.interval = job.check.interval;
  planned.piece.check = job.check.id;
  planned.piece.values = RecordedValues(job, key);
  planned.piece.params = ParamsDigest(planned.piece.values);
  planned.piece.profiles = job.profiles;
  planned.piece.sources = job.sources;
  return planned;
}

std::vector<SubjectScope> ScopesOf(const Declared& declared) {
  std::vector<SubjectScope> scopes;
  for (const DeclaredEndpoint& endpoint : declared.endpoints) {
    scopes.push_back(
        {endpoint.host + ":" + std::to_string(endpoint.port), false, endpoint.controllers});
  }
  for (const DeclaredPath& path : declared.data_paths) {
    scopes.push_back({path.path, true, path.controllers});
  }
  for (SubjectScope& scope : scopes) {
    const std::set<std::string> sorted(scope.controllers.begin(), scope.controllers.end());
    scope.controllers.assign(sorted.begin(), sorted.end());
  }
  return scopes;
}

std::vector<HostExclusion> ExclusionsOf(const AgentConfig& config) {
  std::vector<HostExclusion> exclusions;
  for (const ConfigExclusion& one : config.exclusions) {
    exclusions.push_back({one.check, one.subject, one.reason, one.owner, one.expires});
  }
  return exclusions;
}

absl::StatusOr<ContextSource> SourceOf(const AgentConfig& config, const HeldCatalogue& catalogue,
                                       const std::string& key) {
  ContextSource source;
  source.agent_version = TOM_VERSION;
  TOM_ASSIGN_OR_RETURN(source.agent_binary, OwnBinary());
  source.catalogue_version = catalogue.version;
  source.catalogue = catalogue.statement;
  source.os = OsName();
  source.pseudonym_key = PseudonymKeyId(key);
  source.configuration = ConfigurationJson(config, &key);
  for (const std::string& id : config.profiles) {
    source.profiles.push_back(Canonical(ProfileToJson(catalogue.catalogue.profiles.at(id))));
  }
  return source;
}

}  // namespace

absl::StatusOr<std::string> PseudonymKey(const StateDir& state, const PrivacyConfig& privacy,
                                         std::vector<std::string>& notices) {
  if (privacy.key_file.empty()) {
    notices.push_back(
        "privacy.key_file is not configured: pseudonyms use a key of this host alone, " +
        state.File("pseudonym.key"));
    return state.SecretOrNew("pseudonym.key");
  }
  TOM_ASSIGN_OR_RETURN(std::string key, ReadStateFile(privacy.key_file, kMaxKeyBytes));
  while (!key.empty() && (key.back() == '\n' || key.back() == '\r')) key.pop_back();
  if (key.size() < kLeastKeyBytes) {
    return BadData(privacy.key_file + ": is shorter than 16 bytes");
  }
  return key;
}

absl::StatusOr<CyclePlan> PlanCycle(const StateDir& state, const AgentConfig& config,
                                    const HeldCatalogue& catalogue,
                                    const std::set<std::string>& groups, UnixSeconds now) {
  if (catalogue.expires <= now) {
    return absl::FailedPreconditionError("the catalogue expired at " +
                                         FormatUtc(catalogue.expires) +
                                         " and the collector has given no newer one");
  }
  CyclePlan out;
  PlanFilter filter;
  filter.profiles = config.profiles;
  TOM_ASSIGN_OR_RETURN(Plan plan, MakePlan(catalogue.catalogue, config, filter));
  TOM_ASSIGN_OR_RETURN(const std::string key, PseudonymKey(state, config.privacy, out.notices));
  TOM_ASSIGN_OR_RETURN(out.cycle.source, SourceOf(config, catalogue, key));
  for (CheckJob& job : plan.jobs) {
    out.cycle.source.plan.push_back(PlannedOf(job, key));
    if (!groups.empty() && !groups.contains(job.check.interval)) continue;
    out.groups.insert(job.check.interval);
    out.jobs.push_back(std::move(job));
  }
  if (out.jobs.empty()) {
    return absl::FailedPreconditionError("the catalogue and the profiles ask nothing of this host");
  }
  out.cycle.scopes = ScopesOf(config.declared);
  out.cycle.exclusions = ExclusionsOf(config);
  out.request.config_path = config.path;
  out.request.overrides = std::move(plan.overrides);
  out.request.check_seconds = config.limits.check_seconds;
  out.request.memory_mib = config.limits.memory_mib;
  out.request.pseudonym_key = key;
  out.memory_file = state.File("probe.memory");
  return out;
}

absl::StatusOr<Cycle> RunCycle(CyclePlan plan) {
  const auto began = std::chrono::steady_clock::now();
  plan.cycle.look.observed_at = std::time(nullptr);
  plan.request.jobs = std::move(plan.jobs);
  // A hint: what cannot be read is as if nothing had been left, what cannot be written costs no
  // more than asking again.
  auto memory = ReadStateFile(plan.memory_file, kMaxMemoryBytes);
  if (memory.ok()) plan.request.memory = *std::move(memory);
  std::string left;
  TOM_ASSIGN_OR_RETURN(plan.cycle.look.outcomes, Evaluate(plan.request, nullptr, &left));
  if (!plan.memory_file.empty() && left != plan.request.memory) {
    static_cast<void>(WriteAtomic(plan.memory_file, left));
  }
  plan.cycle.look.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                                    std::chrono::steady_clock::now() - began)
                                    .count();
  return std::move(plan.cycle);
}

}  // namespace tom
