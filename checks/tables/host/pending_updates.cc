// Installed packages of which apt's own lists know a newer version (Debian's order of versions), or
// of which a declared feed of weaknesses says that the release has a version without one.
// Nothing is fetched: lists and feeds that are missing, broken or past their date make the scan
// incomplete.
//
// The row named "*" stands for all packages together: it is there whenever they were compared, so
// that no row at all is not taken for no update.
//
// A version of a suite that is not taken by itself (NotAutomatic: backports, experimental) is no
// update. Pins are not followed: what a pin holds back is pending all the same.
#include <map>
#include <unordered_map>

#include "checks/engine/table.h"
#include "checks/parse/deb_version.h"
#include "checks/parse/inflate.h"
#include "checks/tables/apt_state.h"
#include "checks/tables/dpkg_state.h"
#include "checks/tables/feed_look.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kPiece = 1 << 20;
constexpr uint64_t kMaxPacked = 256 << 20;
constexpr uint64_t kMaxInflated = 1 << 30;

struct Installed {
  std::string name;
  std::string architecture;
  std::string version;
  bool held = false;
  std::string candidate;
  const AptRepository* from = nullptr;
  std::string security;  // the newest version of a suite of security updates
  const AptRepository* security_from = nullptr;
  const FeedLook* feed = nullptr;  // the first that says so
  std::string fixed;               // the newest version that feeds name
};

class Comparison {
 public:
  Comparison(Env& env, RowSink& sink) : env_(env), sink_(sink) {}

  absl::Status LoadInstalled() {
    TOM_ASSIGN_OR_RETURN(const std::vector<DebStanza> packages, ReadDpkgStatus(env_, sink_));
    for (const DebStanza& package : packages) {
      if (DpkgState(package) != "installed") continue;
      Installed one;
      one.name = package.Field("package");
      one.architecture = package.Field("architecture");
      one.version = package.Field("version");
      one.held = package.Field("status").starts_with("hold ");
      installed_[one.name].push_back(std::move(one));
    }
    return absl::OkStatus();
  }

  void Read(const AptRepository& repository) {
    const AptRelease& release = repository.release;
    const std::string name =
        std::string(repository.source.uri).append(" ").append(repository.source.suite);
    if (!release.found) return sink_.Incomplete(name + ": apt has fetched nothing of it");
    if (repository.lists_missing) sink_.Incomplete(name + ": lists of packages are missing");
    if (release.valid_until && *release.valid_until < env_.Now())
      sink_.Incomplete(name + ": the lists are stale, past their Valid-Until");
    if (release.not_automatic) return;
    for (const std::string& path : repository.lists) {
      const absl::Status read = ReadList(path, repository);
      if (!read.ok()) sink_.Incomplete(std::string(Annotate(read, path).message()));
    }
  }

  // What a feed names by the source has the source's version. A package that the release no longer
  // builds has nothing to be updated to.
  void Read(const FeedLook& feed) {
    if (const std::string reason = feed.Reason(); !reason.empty()) sink_.Incomplete(reason);
    for (const FeedFinding& finding : feed.findings) {
      if (!finding.fixable || finding.obsolete.value_or(false)) continue;
      const auto found = installed_.find(finding.package.name);
      if (found == installed_.end()) continue;
      for (Installed& one : found->second) {
        if (one.architecture != finding.package.architecture) continue;
        if (one.feed == nullptr) one.feed = &feed;
        if (!finding.by_source && CompareDebVersions(finding.fixed, one.fixed) > 0) {
          one.fixed = finding.fixed;
        }
      }
    }
  }

  void AddRows() {
    std::map<std::string, const Installed*> sorted;
    for (const auto& [name, all] : installed_) {
      for (const Installed& one : all) {
        if (one.from != nullptr || one.feed != nullptr)
          sorted[name + ":" + one.architecture] = &one;
      }
    }
    for (const auto& [name, one] : sorted) {
      if (!AddRow(*one)) return;
    }
    AddWhole();
  }

 private:
  static bool IsSecurity(const Installed& one) { return one.security_from || one.feed; }

  bool AddRow(const Installed& one) {
    const AptRepository* from = one.security_from ? one.security_from : one.from;
    const bool newer = CompareDebVersions(one.fixed, one.security) > 0;
    const bool dated = from != nullptr && from->release.date;
    return sink_.Add({{"name", one.name},
                      {"arch", one.architecture},
                      {"installed", one.version},
                      {"candidate", TextOrNull(one.candidate)},
                      {"security", int64_t{IsSecurity(one)}},
                      {"security_version", TextOrNull(newer ? one.fixed : one.security)},
                      {"origin", from ? Value(from->release.origin) : Value()},
                      {"suite", from ? Value(from->release.suite) : Value()},
                      {"held", int64_t{one.held}},
                      {"listed_at", dated ? Value(*from->release.date) : Value()},
                      {"feed", one.feed ? Value(one.feed->declared.path) : Value()}});
  }

  void AddWhole() {
    int64_t packages = 0;
    bool security = false;
    for (const auto& [name, all] : installed_) {
      packages += static_cast<int64_t>(all.size());
      for (const Installed& one : all) security = security || IsSecurity(one);
    }
    sink_.Add({{"name", "*"},
               {"installed", std::to_string(packages)},
               {"security", int64_t{security}},
               {"held", int64_t{0}}});
  }

  absl::Status ReadList(const std::string& path, const AptRepository& repository) {
    const auto inflater = Inflater::Create(CompressionOf(path));
    PackageListReader reader(
        [&](std::string_view name) { return installed_.contains(std::string(name)); },
        [&](const DebPackage& package) { Compare(package, repository); });
    bool lines = true;
    const auto use = [&](std::string_view text) {
      inflated_ += text.size();
      lines = reader.Take(text);
      return lines && inflated_ <= kMaxInflated;
    };
    for (uint64_t at = 0;;) {
      TOM_ASSIGN_OR_RETURN(const std::string piece, env_.ReadRange(path, at, kPiece));
      if (piece.empty()) break;
      at += piece.size();
      packed_ += piece.size();
      if (packed_ > kMaxPacked) return absl::ResourceExhaustedError("more than is read");
      TOM_RETURN_IF_ERROR(inflater->Feed(piece, use));
      if (piece.size() < kPiece) break;
    }
    reader.End();
    return inflater->Ended() ? absl::OkStatus() : BadData("the list is cut short");
  }

  void Compare(const DebPackage& package, const AptRepository& repository) {
    const auto found = installed_.find(std::string(package.name));
    if (found == installed_.end()) return;
    for (Installed& one : found->second) {
      const bool same = package.architecture == one.architecture || package.architecture == "all" ||
                        one.architecture == "all";
      if (!same || CompareDebVersions(package.version, one.version) <= 0) continue;
      if (one.from == nullptr || CompareDebVersions(package.version, one.candidate) > 0) {
        one.candidate = package.version;
        one.from = &repository;
      }
      if (!repository.security) continue;
      if (one.security_from == nullptr || CompareDebVersions(package.version, one.security) > 0) {
        one.security = package.version;
        one.security_from = &repository;
      }
    }
  }

  Env& env_;
  RowSink& sink_;
  std::unordered_map<std::string, std::vector<Installed>> installed_;
  uint64_t packed_ = 0;
  uint64_t inflated_ = 0;
};

absl::Status GenerateUpdates(Env& env, const TableContext& context, RowSink& sink) {
  Comparison comparison(env, sink);
  TOM_RETURN_IF_ERROR(comparison.LoadInstalled());
  ConfigFiles files(env);
  const std::vector<AptRepository> all = LoadAptRepositories(files);
  for (const std::string& problem : files.problems()) sink.Incomplete(problem);
  if (all.empty()) sink.Incomplete("apt has no source of packages");
  for (const AptRepository& one : all) {
    if (one.source.enabled && one.source.type == "deb") comparison.Read(one);
  }
  TOM_ASSIGN_OR_RETURN(const FeedLooks looks, LookAtFeeds(env, context.declared, sink));
  for (const FeedLook& one : looks.feeds) comparison.Read(one);
  comparison.AddRows();
  return absl::OkStatus();
}

}  // namespace

Table pending_updates_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  std::vector<Touch> touches = DpkgTouches();
  for (Touch& one : AptTouches()) touches.push_back(std::move(one));
  return {
      .name = "pending_updates",
      .description =
          "Installed packages of which apt's lists, or declared feeds of weaknesses, know "
          "a newer version",
      .columns = {{.name = "name", .description = "Package; *: all together"},
                  {.name = "arch", .description = "Architecture"},
                  {.name = "installed", .description = "Version that is installed; of *: how many"},
                  {.name = "candidate", .description = "Newest version in apt's lists"},
                  {.name = "security",
                   .type = kInt,
                   .description = "1: a suite of security updates has a newer version, or a feed "
                                  "says that the release has one without a weakness"},
                  {.name = "security_version",
                   .description = "The newest of those; NULL where a feed does not name it"},
                  {.name = "origin", .description = "Origin of the suite that has it"},
                  {.name = "suite", .description = "That suite"},
                  {.name = "held", .type = kInt, .description = "1: held back by dpkg"},
                  {.name = "listed_at",
                   .type = ColumnType::kBigint,
                   .description = "When that suite was made, Unix seconds: pending since then "
                                  "at the latest"},
                  {.name = "feed", .description = "Declared feed that says so"}},
      .generate = GenerateUpdates,
      .touches = [touches](Env&, const Declared& declared) {
        std::vector<Touch> all = touches;
        Append(all, FeedTouches(declared));
        return all;
      }};
}

}  // namespace tom
