#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "collector/ctl/command.h"
#include "collector/ctl/listing.h"
#include "collector/ctl/profile_table.h"
#include "evidence/status_text.h"
#include "evidence/utc_time.h"

namespace tom {
namespace {

struct Flags {
  std::string profile, at, during;
};

// 2 where a measure does not hold, 3 where one could not be assessed.
int CodeOf(const std::vector<std::string>& statuses) {
  const auto has = [&statuses](std::string_view status) {
    return std::find(statuses.begin(), statuses.end(), status) != statuses.end();
  };
  if (has("not_satisfied")) return 2;
  return statuses.empty() || has("not_assessed") ? 3 : 0;
}

absl::StatusOr<std::map<std::string, std::string>> Arguments(const Flags& flags) {
  std::map<std::string, std::string> arguments{{"profile", flags.profile}};
  if (!flags.at.empty() && !flags.during.empty()) {
    return absl::OutOfRangeError("--at and --during: one of them");
  }
  if (!flags.at.empty()) arguments["at"] = flags.at;
  if (!flags.during.empty()) {
    const size_t dots = flags.during.find("..");
    if (dots == std::string::npos) return absl::OutOfRangeError("--during: FROM..TO");
    arguments["from"] = flags.during.substr(0, dots);
    arguments["to"] = flags.during.substr(dots + 2);
  }
  for (const auto& [key, value] : arguments) {
    if (key == "profile") continue;
    if (ParseUtc(value).ok()) continue;
    return absl::OutOfRangeError(
        ToAbsl(std::string(key == "at" ? "--at" : "--during") + ": not a time: " + value));
  }
  return arguments;
}

absl::StatusOr<int> Run(Session& session, const Flags& flags) {
  TOM_ASSIGN_OR_RETURN(auto arguments, Arguments(flags));
  TOM_ASSIGN_OR_RETURN(OperatorClient * client, session.Client());
  TOM_ASSIGN_OR_RETURN(arguments["profile"], ProfileOrOnly(*client, flags.profile));
  TOM_ASSIGN_OR_RETURN(const std::string json, client->Query("status", arguments));
  TOM_RETURN_IF_ERROR(session.PrintList(
      json, "measures",
      {"measure", "clauses", "status", "coverage", "failing", "unknown", "reasons"}));
  TOM_ASSIGN_OR_RETURN(const auto statuses, ListColumn(json, "measures", "status"));
  return CodeOf(statuses);
}

}  // namespace

Command status_command() {
  return {{"status"},
          "each measure of a profile, with coverage and what fails",
          "tomctl status --profile velory-dpa --during 2026-10-01T00:00:00Z..2026-11-01T00:00:00Z",
          [](CLI::App& app) -> CommandRunner {
            const auto flags = std::make_shared<Flags>();
            app.add_option("--profile", flags->profile, "the profile; default: the only one");
            app.add_option("--at", flags->at, "as of this time (YYYY-MM-DDTHH:MM:SSZ)");
            app.add_option("--during", flags->during, "over this period, FROM..TO");
            return [flags](Session& session) { return Run(session, *flags); };
          }};
}

}  // namespace tom
