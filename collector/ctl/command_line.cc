#include "collector/ctl/command_line.h"

#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <map>

#include "collector/ctl/command.h"
#include "evidence/status_text.h"
#include "evidence/terminal_text.h"

namespace tom {
namespace {

constexpr char kEverywhere[] =
    "Everywhere: --config FILE, --format table|json|csv, -o FILE, --no-color (see tomctl --help)";

int ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOutOfRange:
      return EX_USAGE;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kDataLoss:
      return EX_DATAERR;
    case absl::StatusCode::kNotFound:
      return EX_NOINPUT;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return EX_UNAVAILABLE;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return EX_NOPERM;
    default:
      return 1;
  }
}

using Groups = std::map<std::string, CLI::App*>;

// The group "token" of "token create", made when it is first met.
CLI::App* Group(CLI::App& app, Groups& groups, const std::string& word) {
  CLI::App*& group = groups[word];
  if (group == nullptr) {
    group = app.add_subcommand(word);
    group->require_subcommand(1);
    group->fallthrough();
  }
  return group;
}

void AddGlobalFlags(CLI::App& app, SessionFlags& flags, bool& no_color) {
  app.add_option("--config", flags.config,
                 "configuration (default ~/.config/tom/tomctl.yaml, or TOM_CONFIG)");
  app.add_option("--format", flags.format, "table, json or csv")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->envname("TOM_FORMAT");
  app.add_option("-o,--output", flags.output, "write to this file instead of standard output");
  app.add_flag("--no-color", no_color, "no colours (also NO_COLOR)");
  for (const CtlKey& key : kCtlKeys) {
    app.add_option(CtlFlagName(key), flags.over.*key.member, key.meaning)
        ->envname(CtlEnvironmentName(key))
        ->group("Over the configuration file");
  }
}

void AddCommands(CLI::App& app, CommandRunner& chosen) {
  Groups groups;
  for (const Command& command : AllCommands()) {
    CLI::App* parent = command.words.size() > 1 ? Group(app, groups, command.words[0]) : &app;
    CLI::App* leaf = parent->add_subcommand(command.words.back(), command.summary);
    leaf->footer("Example:\n  " + command.example + "\n\n" + kEverywhere);
    leaf->fallthrough();
    CommandRunner runner = command.configure(*leaf);
    leaf->callback([&chosen, runner] { chosen = runner; });
  }
}

// https://no-color.org: set and not empty.
bool ColourRefused() {
  const char* value = std::getenv("NO_COLOR");
  return value != nullptr && *value != '\0';
}

int Run(const CommandRunner& runner, const SessionFlags& flags, const CtlOutside& outside) {
  Session session(flags, outside.connect, outside.out, outside.err);
  const absl::StatusOr<int> code = runner(session);
  if (code.ok()) return *code;
  outside.err << "tomctl: " << TerminalText(FromAbsl(code.status().message())) << "\n";
  return session.config_failed() ? EX_CONFIG : ExitCodeOf(code.status());
}

}  // namespace

int RunTomctl(std::vector<std::string> arguments, const CtlOutside& outside) {
  CLI::App app("Runs and audits technical and organisational measures.", "tomctl");
  app.require_subcommand(1);
  app.footer("Example:\n  tomctl status --profile velory-dpa");
  SessionFlags flags;
  bool no_color = false;
  CommandRunner chosen;
  AddGlobalFlags(app, flags, no_color);
  AddCommands(app, chosen);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return app.exit(error, outside.out, outside.err) == 0 ? 0 : EX_USAGE;
  }
  flags.color = outside.terminal && !no_color && !ColourRefused();
  return Run(chosen, flags, outside);
}

}  // namespace tom
