// tomctl: what a person does. Every command is a file in commands/.
#include <sysexits.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <map>

#include "collector/ctl/command.h"
#include "evidence/status_text.h"
#include "evidence/terminal_text.h"

namespace {

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

int Run(const tom::CommandRunner& runner, const tom::SessionFlags& flags) {
  tom::Session session(flags, std::cout, std::cerr);
  const absl::StatusOr<int> code = runner(session);
  if (code.ok()) return *code;
  std::cerr << "tomctl: " << tom::TerminalText(tom::FromAbsl(code.status().message())) << "\n";
  return session.config_failed() ? EX_CONFIG : ExitCodeOf(code.status());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Runs and audits technical and organisational measures.", "tomctl");
  app.require_subcommand(1);
  tom::SessionFlags flags;
  bool no_color = false;
  app.add_option("--config", flags.config, "configuration (default ~/.config/tom/tomctl.yaml)");
  app.add_option("--format", flags.format, "table, json or csv")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->envname("TOM_FORMAT");
  app.add_option("-o,--output", flags.output, "write to this file instead of standard output");
  app.add_flag("--no-color", no_color, "no colours (also NO_COLOR)");
  tom::CommandRunner chosen;
  Groups groups;
  for (const tom::Command& command : tom::AllCommands()) {
    CLI::App* parent = command.words.size() > 1 ? Group(app, groups, command.words[0]) : &app;
    CLI::App* leaf = parent->add_subcommand(command.words.back(), command.summary);
    leaf->footer("Example:\n  " + command.example);
    leaf->fallthrough();
    tom::CommandRunner runner = command.configure(*leaf);
    leaf->callback([&chosen, runner] { chosen = runner; });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : EX_USAGE;
  }
  flags.color = !no_color && std::getenv("NO_COLOR") == nullptr && isatty(STDOUT_FILENO) == 1;
  return Run(chosen, flags);
}
