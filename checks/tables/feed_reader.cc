#include "checks/tables/feed_reader.h"

#include <algorithm>
#include <set>

#include "absl/time/time.h"
#include "checks/parse/debsecan_data.h"
#include "checks/parse/inflate.h"
#include "checks/parse/oval_definitions.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kPiece = 1 << 20;
constexpr uint64_t kMaxPacked = 256 << 20;
constexpr uint64_t kMaxInflated = 1 << 30;
constexpr int64_t kMaxMs = 20000;
constexpr size_t kMaxFindings = 50000;

struct Whole {
  bool packed = false;  // and so held by a checksum of its own
};

// Calls `use` with all that the file holds, unpacked.
absl::StatusOr<Whole> ReadThrough(Env& env, const std::string& path,
                                  const std::function<absl::Status(std::string_view)>& use) {
  const int64_t end = env.MonotonicMs() + kMaxMs;
  std::unique_ptr<Inflater> inflater;
  Whole whole;
  absl::Status used;
  uint64_t inflated = 0;
  const auto take = [&](std::string_view piece) {
    inflated += piece.size();
    if (inflated > kMaxInflated) used = absl::ResourceExhaustedError("more than 1 GiB unpacked");
    if (env.MonotonicMs() > end) used = absl::DeadlineExceededError("takes too long to read");
    if (used.ok()) used = use(piece);
    return used.ok();
  };
  for (uint64_t at = 0;;) {
    TOM_ASSIGN_OR_RETURN(const std::string piece, env.ReadRange(path, at, kPiece));
    if (inflater == nullptr) {
      if (piece.empty()) return BadData("empty");
      const Compression how = CompressionByMagic(piece);
      whole.packed = how != Compression::kNone;
      inflater = Inflater::Create(how);
    }
    at += piece.size();
    if (at > kMaxPacked) return absl::ResourceExhaustedError("more than 256 MiB");
    const absl::Status fed = inflater->Feed(piece, take);
    if (!used.ok()) return used;
    TOM_RETURN_IF_ERROR(fed);
    if (piece.size() < kPiece) break;
  }
  if (!inflater->Ended()) return BadData("it breaks off");
  return whole;
}

std::string Count(size_t count, const char* what) { return std::to_string(count) + " " + what; }

void Refuse(const absl::Status& status, FeedLook& look) {
  look.problem = std::string(status.message());
  look.passing = !absl::IsInvalidArgument(status) && !absl::IsResourceExhausted(status);
}

// Of the generator. Out of all reason is not taken for recent.
std::optional<UnixSeconds> ParseTimestamp(const std::string& text) {
  absl::Time time;
  std::string error;
  if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error) &&
      !absl::ParseTime("%Y-%m-%dT%H:%M:%E*S", text, &time, &error)) {
    return std::nullopt;
  }
  constexpr int64_t kYear9999 = 253402300799;
  return std::clamp<int64_t>(absl::ToUnixSeconds(time), 0, kYear9999);
}

void ReadOval(Env& env, const FeedHost& host, FeedLook& look) {
  OvalReader reader;
  const auto whole = ReadThrough(env, look.declared.path,
                                 [&](std::string_view piece) { return reader.Take(piece); });
  auto file = whole.ok() ? reader.Finish() : absl::StatusOr<OvalFile>(whole.status());
  if (!file.ok()) return Refuse(file.status(), look);
  look.date = ParseTimestamp(file->timestamp);
  OvalOutcome outcome = EvaluateOval(*file, host.oval);
  for (const int64_t release : outcome.releases) {
    look.release.append(look.release.empty() ? "" : " ").append(std::to_string(release));
  }
  look.entries = static_cast<int64_t>(outcome.definitions);
  look.packages = static_cast<int64_t>(outcome.packages);
  const std::vector<int64_t>& releases = outcome.releases;
  const bool own = host.oval.release && std::find(releases.begin(), releases.end(),
                                                  *host.oval.release) != releases.end();
  if (!releases.empty() && !host.oval.release) {
    look.problem = "is of Debian " + look.release + ", and which release the host is is not known";
    return;
  }
  if (!releases.empty() && !own) {
    look.problem = "is of Debian " + look.release + ", another release than the host's";
    return;
  }
  if (releases.empty()) look.doubt = "does not say of which release it is";
  if (outcome.undecided > 0) {
    look.doubt = Count(outcome.undecided, "definitions that cannot be decided, the first is ") +
                 outcome.first_undecided;
  }
  if (outcome.cut) look.doubt = "more weaknesses than are taken";
  for (OvalFinding& one : outcome.findings) {
    FeedFinding finding;
    finding.package = host.oval.packages[one.package];
    finding.weakness = std::move(one.weakness);
    finding.fixed = std::move(one.fixed);
    finding.urgency = std::move(one.severity);
    finding.fixable = !finding.fixed.empty();
    finding.by_source = one.by_source;
    look.findings.push_back(std::move(finding));
  }
}

// As debsecan has it: those of the source's name, and those of the package's own only where there
// are none.
const std::vector<DebsecanVulnerability>* VulnerabilitiesOf(const DebsecanData& data,
                                                            const OvalPackage& package) {
  auto found = data.vulnerabilities.find(package.source);
  if (found == data.vulnerabilities.end()) found = data.vulnerabilities.find(package.name);
  return found == data.vulnerabilities.end() ? nullptr : &found->second;
}

void JudgeDebsecan(const DebsecanData& data, const OvalPackage& package, FeedLook& look) {
  const auto* all = VulnerabilitiesOf(data, package);
  if (all != nullptr || data.binaries.contains(package.source)) ++look.packages;
  if (all == nullptr) return;
  for (const DebsecanVulnerability& one : *all) {
    const DebsecanPackage instance{package.name, package.version, package.source,
                                   package.source_version};
    if (!IsVulnerable(one, instance)) continue;
    if (look.findings.size() >= kMaxFindings) {
      look.doubt = "more weaknesses than are taken";
      return;
    }
    FeedFinding finding;
    finding.package = package;
    finding.weakness = one.bug;
    finding.urgency = one.urgency;
    finding.fixable = one.fix_available;
    finding.by_source = !one.binary || package.name != one.package;
    finding.remote = one.remote;
    const auto built = data.binaries.find(one.package);
    if (!one.binary && built != data.binaries.end()) {
      const auto& names = built->second;
      finding.obsolete = std::find(names.begin(), names.end(), package.name) == names.end();
    }
    look.findings.push_back(std::move(finding));
  }
}

void ReadDebsecan(Env& env, const FeedHost& host, FeedLook& look) {
  look.release = look.declared.release;
  std::set<std::string, std::less<>> names;
  for (const OvalPackage& package : host.oval.packages) {
    names.insert(package.name);
    names.insert(package.source);
  }
  DebsecanReader reader([&](std::string_view name) { return names.contains(name); });
  const auto whole = ReadThrough(env, look.declared.path,
                                 [&](std::string_view piece) { return reader.Take(piece); });
  const auto data = whole.ok() ? reader.Finish() : absl::StatusOr<DebsecanData>(whole.status());
  if (!data.ok()) return Refuse(data.status(), look);
  if (!whole->packed && !data->ended) {
    look.problem = "it breaks off";
    return;
  }
  look.entries = static_cast<int64_t>(data->entries);
  for (const OvalPackage& package : host.oval.packages) JudgeDebsecan(*data, package, look);
  if (data->sources == 0) look.doubt = "is data of no release (GENERIC)";
  if (data->bad_lines > 0) {
    look.doubt = Count(data->bad_lines, "lines are not understood, the first is line ") +
                 std::to_string(data->first_bad);
  }
}

}  // namespace

void ReadFeed(Env& env, const FeedHost& host, FeedLook& look) {
  const std::string& release = look.declared.release;
  if (host.system != "debian") {
    look.problem = host.system.empty() ? "which system the host is is not known"
                                       : "is of Debian, and the host is " + host.system;
    return;
  }
  if (!release.empty() && release != host.codename) {
    look.problem = "is of " + release + ", another release than the host's";
    return;
  }
  if (look.declared.kind == "oval") {
    ReadOval(env, host, look);
  } else {
    ReadDebsecan(env, host, look);
  }
  if (!look.problem.empty()) {
    look.findings.clear();
  } else if (look.entries == 0) {
    look.problem = "lists no weakness at all";
  } else if (look.packages == 0) {
    look.problem = "knows none of the installed packages";
  }
}

}  // namespace tom
