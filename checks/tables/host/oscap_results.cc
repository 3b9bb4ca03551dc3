// Results of OpenSCAP runs that the configuration names (baseline.oscap_results), one row a rule.
// Nothing is run here. A rule that did not apply or was not checked was not evaluated: it is
// counted as neither kept nor broken.
#include <array>

#include "absl/time/time.h"
#include "checks/engine/table.h"
#include "checks/parse/scap_results.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr uint64_t kMaxBytes = 256 << 20;
constexpr size_t kPiece = 1 << 20;

absl::StatusOr<ScapResults> Load(Env& env, const std::string& path) {
  uint64_t at = 0;
  bool ended = false;
  return ParseScapResults([&]() -> absl::StatusOr<std::string> {
    if (ended) return std::string();
    if (at > kMaxBytes) return absl::ResourceExhaustedError("more than 256 MiB");
    TOM_ASSIGN_OR_RETURN(std::string piece, env.ReadRange(path, at, kPiece));
    at += piece.size();
    ended = piece.size() < kPiece;
    return piece;
  });
}

Value Time(const std::string& text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, ToAbsl(text), &time, &error) &&
      !absl::ParseTime("%Y-%m-%dT%H:%M:%S", ToAbsl(text), &time, &error)) {
    return {};
  }
  return absl::ToUnixSeconds(time);
}

Value Evaluated(const std::string& result) {
  constexpr std::array<std::string_view, 3> kYes = {"pass", "fail", "fixed"};
  constexpr std::array<std::string_view, 4> kNo = {"notapplicable", "notchecked", "notselected",
                                                   "informational"};
  for (const std::string_view one : kYes) {
    if (result == one) return int64_t{1};
  }
  for (const std::string_view one : kNo) {
    if (result == one) return int64_t{0};
  }
  return {};
}

absl::Status GenerateResults(Env& env, const TableContext& context, RowSink& sink) {
  for (const std::string& path : context.declared.oscap_results) {
    const auto results = Load(env, path);
    if (!results.ok()) {
      const std::string message(results.status().message());
      sink.Incomplete(message.starts_with(path) ? message : path + ": " + message);
      continue;
    }
    for (const ScapRule& rule : results->rules) {
      const bool more = sink.Add({{"path", path},
                                  {"rule", rule.rule},
                                  {"title", rule.title},
                                  {"severity", rule.severity},
                                  {"result", rule.result},
                                  {"evaluated", Evaluated(rule.result)},
                                  {"profile", results->profile},
                                  {"benchmark", results->benchmark},
                                  {"target", results->target},
                                  {"ended_at", Time(results->end_time)}});
      if (!more) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

}  // namespace

Table oscap_results_table() {
  return {
      .name = "oscap_results",
      .description = "Rules of OpenSCAP's results that are declared",
      .columns = {{.name = "path", .description = "File of the results"},
                  {.name = "rule", .description = "Id of the rule"},
                  {.name = "title", .description = "Its title, where the file has it"},
                  {.name = "severity", .description = "low, medium, high or unknown"},
                  {.name = "result", .description = "pass, fail, notapplicable, error, …"},
                  {.name = "evaluated",
                   .type = ColumnType::kInteger,
                   .description = "1: pass, fail or fixed; 0: it was not looked at; NULL: that is "
                                  "not known (error, unknown)"},
                  {.name = "profile", .description = "Profile that was asked for"},
                  {.name = "benchmark", .description = "Benchmark that was asked"},
                  {.name = "target", .description = "Host that was examined, as the file says"},
                  {.name = "ended_at",
                   .type = ColumnType::kBigint,
                   .description = "When the run ended, Unix seconds"}},
      .generate = GenerateResults,
      .touches = [](Env&, const Declared& declared) {
        std::vector<Touch> touches;
        for (const std::string& path : declared.oscap_results) {
          touches.push_back({TouchKind::kFile, path, "results of OpenSCAP"});
        }
        return touches;
      }};
}

}  // namespace tom
