// When the logs of this host were written last: the declared ones, or those that are usual, and the
// journal. Nothing in them is read.
#include <algorithm>

#include "checks/engine/table.h"
#include "checks/tables/env_glob.h"
#include "checks/tables/log_facts.h"
#include "checks/tables/sudo_view.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// One of each line must be there on a host that writes logs.
const std::vector<std::string> kUsual = {"/var/log/syslog", "/var/log/messages"};
const std::vector<std::string> kJournals = {"/var/log/journal", "/run/log/journal"};

struct Newest {
  std::optional<UnixSeconds> written;
  bool there = false;
  std::string error;
};

void Take(Env& env, const std::string& path, Newest& newest) {
  const auto info = env.Stat(path);
  if (absl::IsNotFound(info.status())) return;
  newest.there = true;
  if (!info.ok()) {
    newest.error = FromAbsl(info.status().message());
  } else if (info->kind == FileKind::kRegular) {
    // An empty file says when it was made, or emptied: nothing was written since.
    const bool later = !newest.written || info->modified > *newest.written;
    if (info->size > 0 && later) newest.written = info->modified;
  } else {
    newest.error = path + " is no regular file";
  }
}

void Add(Env& env, const std::string& log, const char* source, const Newest& newest,
         RowSink& sink) {
  const bool known = newest.written.has_value();
  if (!newest.error.empty()) sink.Incomplete(PrintableText(newest.error));
  sink.Add({{"log", PrintableText(log)},
            {"source", source},
            {"there", int64_t{newest.there}},
            {"written", known ? Value(FormatUtc(*newest.written)) : Value()},
            {"age_seconds", known ? Value(env.Now() - *newest.written) : Value()},
            {"error", newest.error.empty() ? Value() : Value(PrintableText(newest.error))}});
}

// A journal's files are written in place: their times are those of the last message.
Newest OfJournal(Env& env, const std::string& folder) {
  Newest newest;
  const auto machines = env.ListDirectory(folder);
  if (absl::IsNotFound(machines.status())) return newest;
  if (!machines.ok()) {
    newest.there = true;
    newest.error = FromAbsl(machines.status().message());
    return newest;
  }
  for (const std::string& machine : *machines) {
    const std::string path = InFolder(folder, machine);
    const auto files = env.ListDirectory(path);
    if (!files.ok()) continue;
    for (const std::string& name : *files) {
      if (name.ends_with(".journal")) Take(env, InFolder(path, name), newest);
    }
  }
  return newest;
}

absl::Status GenerateFreshness(Env& env, const TableContext& context, RowSink& sink) {
  const std::vector<std::string>& declared = context.declared.logging_files;
  for (const std::string& pattern : declared) {
    Newest newest;
    if (HasGlobCharacters(pattern)) {
      const GlobResult found = ExpandGlob(env, pattern);
      for (const std::string& path : found.paths) Take(env, path, newest);
      if (!found.problems.empty()) newest.error = found.problems[0];
    } else {
      Take(env, pattern, newest);
    }
    Add(env, pattern, "declared", newest, sink);
  }
  if (!declared.empty()) return absl::OkStatus();
  bool any = false;
  for (const std::string& path : kUsual) {
    Newest newest;
    Take(env, path, newest);
    if (newest.there) Add(env, path, "usual", newest, sink);
    any = any || newest.there;
  }
  for (const std::string& folder : kJournals) {
    const Newest newest = OfJournal(env, folder);
    if (newest.there) Add(env, folder, "usual", newest, sink);
    any = any || newest.there;
  }
  // A running host that logs nowhere; a tree may merely not hold it.
  if (!any && env.mode() != RootMode::kDeadTree) Add(env, "any log", "usual", {}, sink);
  return absl::OkStatus();
}

}  // namespace

Table log_freshness_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  return {.name = "log_freshness",
          .description = "Logs of this host, and when each was written last",
          .columns = {{.name = "log", .description = "Path or pattern; of the journal its folder"},
                      {.name = "source", .description = "declared (logging.files) or usual"},
                      {.name = "there", .type = kInt, .description = "1: there is something"},
                      {.name = "written", .description = "When the newest was written last, UTC"},
                      {.name = "age_seconds",
                       .type = ColumnType::kBigint,
                       .description = "Since then; negative: in the future"},
                      {.name = "error", .description = "Why it is not known"}},
          .generate = GenerateFreshness,
          .touches = [](Env&, const Declared& declared) {
            std::vector<Touch> touches =
                FileTouches({"/var/log/syslog", "/var/log/messages", "/var/log/journal",
                             "/var/log/journal/**", "/run/log/journal", "/run/log/journal/**"},
                            "when logs were written last");
            for (const std::string& pattern : declared.logging_files) {
              Append(touches, GlobTouches(pattern, "when logs were written last"));
            }
            return touches;
          }};
}

}  // namespace tom
