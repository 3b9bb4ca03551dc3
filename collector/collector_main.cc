// tom-collector: init, serve, version. Exit codes: interfaces.md "Programs".
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "collector/ledger/clock.h"
#include "collector/pki/state_dir.h"
#include "collector/serve.h"
#include "evidence/status_text.h"
#include "evidence/terminal_text.h"

namespace {

constexpr int kUsage = 64;
constexpr int kNoPermission = 77;
constexpr int kConfiguration = 78;

int Report(const absl::Status& status) {
  if (status.ok()) return 0;
  const std::string text = tom::TerminalText(tom::FromAbsl(status.message()));
  std::fprintf(stderr, "tom-collector: %s\n", text.c_str());
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
      return kConfiguration;
    case absl::StatusCode::kPermissionDenied:
      return kNoPermission;
    default:
      return 1;
  }
}

// Whatever is wrong with it - its contents, a FIFO in its place - is the configuration's fault.
int ReportConfig(const absl::Status& status) {
  const int code = Report(status);
  return code == kNoPermission ? code : kConfiguration;
}

int RunServe(const std::string& config_file, const std::string& port_file) {
  const auto config = tom::LoadCollectorConfig(config_file);
  return config.ok() ? Report(tom::Serve(*config, port_file)) : ReportConfig(config.status());
}

int Run(int argc, char** argv) {
  CLI::App app("The collector of the TOM audit agent");
  app.require_subcommand(1);
  tom::InitOptions init;
  init.state = "/var/lib/tom/collector";
  CLI::App* init_verb = app.add_subcommand("init", "make CA, keys, ledger and store");
  init_verb->add_option("--state", init.state, "folder to make")->capture_default_str();
  init_verb->add_option(
      "--operator-dir,--operator", init.operator_dir,
      "folder for the keys of people, outside the state (default: STATE-operator)");
  init_verb->add_option("--name", init.names, "DNS name or address of this collector (repeatable)");
  init_verb->add_option("--origin", init.origin, "name of the ledger (default: first name + /tom)");
  init_verb->add_option("--address", init.address, "host:port written into tomctl.yaml");
  init_verb->footer(
      "Example: tom-collector init --state /var/lib/tom/collector --name collector.example.org");
  std::string init_config;
  init_verb->add_option("--config", init_config, "take the state folder from this configuration");
  std::string config_file = "/etc/tom/collector.yaml";
  std::string port_file;
  CLI::App* serve_verb = app.add_subcommand("serve", "answer agents and operators");
  serve_verb->add_option("--config", config_file, "configuration file")
      ->capture_default_str()
      ->envname("TOM_CONFIG");
  serve_verb->add_option("--port-file", port_file,
                         "file that gets the port once the server answers");
  serve_verb->footer("Example: tom-collector serve --config /etc/tom/collector.yaml");
  CLI::App* version_verb = app.add_subcommand("version", "print the version");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  spdlog::set_default_logger(spdlog::stderr_color_mt("tom-collector"));
  if (version_verb->parsed()) {
    std::puts("tom-collector " TOM_VERSION);
    return 0;
  }
  if (serve_verb->parsed()) return RunServe(config_file, port_file);
  if (!init_config.empty()) {
    const auto config = tom::LoadCollectorConfig(init_config);
    if (!config.ok()) return ReportConfig(config.status());
    init.state = config->state;
  }
  if (init.operator_dir.empty()) {
    init.operator_dir = std::filesystem::path(init.state).lexically_normal().string() + "-operator";
  }
  init.now = tom::SystemClock()();
  return Report(tom::InitState(init));
}

}  // namespace

int main(int argc, char** argv) { return Run(argc, argv); }
