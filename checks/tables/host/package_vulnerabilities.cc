// Weaknesses of installed packages, as declared feeds (vulnerability_feeds: debsecan's data, OVAL)
// have them, one row a weakness and package. Feeds are files that the site keeps fresh: nothing is
// fetched. One that is missing, broken, of another release, stale or dated in the future makes the
// scan incomplete; what a stale one says stays, since a weakness does not go by itself.
//
// The row named "*" stands for all packages together: it is there when all feeds were compared with
// them, so that no row at all is not taken for no weakness.
//
// Who is vulnerable is what debsecan 0.4.20 and `oscap oval eval` say, with packages that are only
// half installed too, and more of OVAL's names (oval_evaluate.h).
#include "checks/engine/table.h"
#include "checks/tables/feed_look.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

bool AddFinding(const FeedLook& feed, const FeedFinding& one, RowSink& sink) {
  const OvalPackage& package = one.package;
  return sink.Add({{"name", package.name},
                   {"version", package.version},
                   {"arch", package.architecture},
                   {"source", package.source},
                   {"source_version", package.source_version},
                   {"cve", one.weakness},
                   {"fixable", int64_t{one.fixable}},
                   {"fixed_version", TextOrNull(one.fixed)},
                   {"urgency", TextOrNull(one.urgency)},
                   {"remote", NumberOrNull(one.remote)},
                   {"obsolete", NumberOrNull(one.obsolete)},
                   {"matched", one.by_source ? "source" : "package"},
                   {"kind", feed.declared.kind},
                   {"feed", feed.declared.path},
                   {"feed_date", feed.date ? Value(*feed.date) : Value()},
                   {"date_from", feed.dated_by_file ? "file" : "feed"}});
}

absl::Status GenerateVulnerabilities(Env& env, const TableContext& context, RowSink& sink) {
  TOM_ASSIGN_OR_RETURN(const FeedLooks looks, LookAtFeeds(env, context.declared, sink));
  bool compared = !looks.feeds.empty();
  int64_t fixable = 0;
  for (const FeedLook& feed : looks.feeds) {
    if (const std::string reason = feed.Reason(); !reason.empty()) sink.Incomplete(reason);
    compared = compared && feed.problem.empty();
    for (const FeedFinding& one : feed.findings) {
      fixable += one.fixable ? 1 : 0;
      if (!AddFinding(feed, one, sink)) return absl::OkStatus();
    }
  }
  if (!compared) return absl::OkStatus();
  sink.Add({{"name", "*"}, {"version", std::to_string(looks.packages)}, {"fixable", fixable}});
  return absl::OkStatus();
}

}  // namespace

Table package_vulnerabilities_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  return {
      .name = "package_vulnerabilities",
      .description = "Weaknesses of installed packages, as declared feeds have them",
      .columns = {{.name = "name", .description = "Package; *: all together"},
                  {.name = "version",
                   .description = "Version that is installed; of *: how many packages"},
                  {.name = "arch", .description = "Architecture"},
                  {.name = "source", .description = "Source package that it was built from"},
                  {.name = "source_version", .description = "Version of that"},
                  {.name = "cve", .description = "CVE-…, or TEMP-… of Debian's tracker"},
                  {.name = "fixable",
                   .type = kInt,
                   .description = "1: the release has a version without it; of *: how many are"},
                  {.name = "fixed_version",
                   .description = "First version without it; debsecan's data does not name it"},
                  {.name = "urgency",
                   .description = "low, medium, high, or as the feed has it; NULL: not told"},
                  {.name = "remote",
                   .type = kInt,
                   .description = "1: can be used from afar; NULL: not known"},
                  {.name = "obsolete",
                   .type = kInt,
                   .description = "1: the release no longer builds the package; NULL: not told"},
                  {.name = "matched",
                   .description =
                       "package or source: which of the names the feed has; fixed_version is "
                       "a version of that"},
                  {.name = "kind", .description = "debsecan or oval"},
                  {.name = "feed", .description = "File that says so"},
                  {.name = "feed_date",
                   .type = ColumnType::kBigint,
                   .description = "When that was made, Unix seconds"},
                  {.name = "date_from",
                   .description = "feed: it says so itself; file: by the file's time"}},
      .generate = GenerateVulnerabilities,
      .touches = [](Env&, const Declared& declared) { return FeedTouches(declared); }};
}

}  // namespace tom
