// tom-agent drill NAME: restores a sample of one declared backup into a bounded scratch that goes
// by itself, compares it, and records what came of it. The one verb that writes restored data
// anywhere.
#include "agent/drill/drill.h"

#include <CLI/CLI.hpp>
#include <ctime>
#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "agent/child.h"
#include "agent/command.h"
#include "agent/drill/copy_reader.h"
#include "agent/drill/drill_store.h"
#include "agent/exit_code.h"
#include "agent/state_option.h"
#include "agent/text_output.h"
#include "evidence/canonical_json.h"
#include "evidence/status_text.h"
#include "evidence/terminal_text.h"

namespace tom {
namespace {

// Beyond the drill's own time: for a child that does not end at its deadline.
constexpr int kGraceSeconds = 15;

struct Options {
  std::string name;
  std::string config;
  std::string format = "table";
};

absl::StatusOr<DeclaredBackup> FindBackup(const Declared& declared, const std::string& name) {
  std::string names;
  for (const DeclaredBackup& backup : declared.backups) {
    if (backup.name == name) return backup;
    absl::StrAppend(&names, names.empty() ? "" : ", ", ToAbsl(backup.name));
  }
  return absl::NotFoundError(
      absl::StrCat("no backup named ", ToAbsl(name),
                   " is declared; there are: ", names.empty() ? "none" : ToAbsl(names)));
}

// The drill is held by a child: what it does to its own view of the system ends with it.
DrillOutcome HoldInChild(const Options& options, const Declared& declared,
                         const DeclaredBackup& backup) {
  DrillOutcome failed;
  failed.record.backup = backup.name;
  failed.record.kind = backup.kind;
  failed.record.source = DrillSource(backup.kind, backup.repository, backup.path);
  const auto child = RunChild({"drill-cage", "--config", options.config, "--name=" + backup.name},
                              "", static_cast<int>(declared.drills.seconds) + kGraceSeconds);
  if (!child.ok()) {
    failed.record.error = std::string(child.status().message());
    return failed;
  }
  auto outcome = ParseDrillOutcome(child->output);
  if (outcome.ok()) return *std::move(outcome);
  failed.record.error =
      absl::StrCat("the drill's process ended with ", child->exit_code, " and without an outcome");
  return failed;
}

std::string Text(const DrillOutcome& outcome, const std::string& path) {
  const DrillRecord& r = outcome.record;
  std::string text =
      absl::StrCat("backup    ", ToAbsl(TerminalText(r.backup)), " (", ToAbsl(r.kind), ")\n");
  if (!r.snapshot.empty()) {
    absl::StrAppend(&text, "copy      ", ToAbsl(TerminalText(r.snapshot)), " of ",
                    ToAbsl(FormatUtc(r.snapshot_time)), ", ", r.held, " files and links\n");
  }
  absl::StrAppend(&text, "sample    ", r.chosen, " files chosen, ", r.restored, " restored, ",
                  r.bytes, " bytes\n", "compared  ", r.equal, " equal to the live data, ",
                  r.different, " different, ", r.changed, " changed since, ", r.unreadable,
                  " not readable; ", r.verified, " held against the copy's own digests; ",
                  r.links_equal, " of ", r.links, " links alike\n");
  for (const DrilledPath& one : r.paths) {
    absl::StrAppend(&text, "data path ", ToAbsl(TerminalText(one.path)), ": ", one.restored,
                    " restored, ", one.equal, " as they must be\n");
  }
  for (const std::string& note : outcome.notes) {
    absl::StrAppend(&text, "          ", ToAbsl(TerminalText(note)), "\n");
  }
  absl::StrAppend(&text, "result    ", ToAbsl(DrillResultName(r.result)));
  if (!r.error.empty()) absl::StrAppend(&text, ": ", ToAbsl(TerminalText(r.error)));
  absl::StrAppend(&text, "\nrecord    ", ToAbsl(TerminalText(path)), "\n");
  return text;
}

// The record as it stands in its file, and what is for the one who asked alone.
std::string JsonText(const DrillOutcome& outcome, const std::string& path) {
  auto record = ParseCanonical(EncodeDrillRecord(outcome.record));
  Json::Object json = record.ok() && record->IsObject() ? record->AsObject() : Json::Object();
  Json::Array notes;
  for (const std::string& note : outcome.notes) notes.emplace_back(TextOrBytes(note));
  if (!notes.empty()) json["notes"] = std::move(notes);
  json["record"] = TextOrBytes(path);
  return AsciiJson(Canonical(json) + "\n");
}

int ExitCodeOf(const DrillOutcome& outcome) {
  switch (outcome.record.result) {
    case DrillResult::kSound:
      return kExitAllPass;
    case DrillResult::kDifferent:
    case DrillResult::kNotRestored:
      return kExitSubjectFailed;
    case DrillResult::kNotCompared:
      return kExitUnknown;
    case DrillResult::kNotDone:
      break;
  }
  return outcome.forbidden ? kExitNoPermission : kExitUnknown;
}

int Run(const Options& options) {
  const auto config = LoadConfig(options.config);
  if (!config.ok()) return ReportError(config.status(), kExitConfiguration);
  const auto backup = FindBackup(config->declared, options.name);
  if (!backup.ok()) return ReportError(backup.status());
  if (const absl::Status can = CanBeDrilled(*backup); !can.ok()) {
    return ReportError(Annotate(can, "backup " + backup->name), kExitUnavailable);
  }
  auto store = DrillStore::Open(config->declared.drills.records);
  if (!store.ok()) return ReportError(store.status());
  const UnixSeconds began = std::time(nullptr);
  DrillOutcome outcome = HoldInChild(options, config->declared, *backup);
  outcome.record.began_at = began;
  outcome.record.ended_at = std::max<UnixSeconds>(began, std::time(nullptr));
  const auto path = store->Add(outcome.record);
  if (!path.ok()) return ReportError(path.status(), kExitFailed);
  std::cout << (options.format == "json" ? JsonText(outcome, *path) : Text(outcome, *path));
  return ExitCodeOf(outcome);
}

}  // namespace

AgentCommand drill_command() {
  return {.name = "drill",
          .help =
              "Restore a sample of a declared backup, compare it, record it; exit 2 when it "
              "does not hold, 3 when nothing could be shown",
          .example = "tom-agent drill files --format json",
          .hidden = false,
          .setup = [](CLI::App& app) -> std::function<int()> {
            auto options = std::make_shared<Options>();
            app.add_option("NAME", options->name, "A backup of the configuration")->required();
            AddConfigOption(app, options->config);
            app.add_option("--format", options->format, "table or json")
                ->check(CLI::IsMember({"table", "json"}))
                ->capture_default_str();
            return [options] { return Run(*options); };
          }};
}

}  // namespace tom
