// tom-verify: judges an evidence pack off-line, with no server and nothing but this folder.
#include <sysexits.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "evidence/verify_flags.h"

namespace {

constexpr char kFooter[] =
    "Example:\n"
    "  tom-verify 2026-10.asice --trust trust.json --tsa-trust tsa.pem\n\n"
    "Exit codes: 0 valid, 2 a claim is disproven, 3 a required claim is unproven,\n"
    "64 usage, 65 bad trust or policy file, 66 a file that cannot be read.";

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Verifies an evidence pack without trusting whoever made it.", "tom-verify");
  app.footer(kFooter);
  app.set_version_flag("--version", TOM_VERSION);
  tom::VerifyArguments arguments;
  bool no_color = false;
  tom::AddVerifyFlags(app, arguments);
  app.add_option("--format", arguments.format, "table or json")->default_str("table");
  app.add_flag("--no-color", no_color, "no colours (also NO_COLOR)");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : EX_USAGE;
  }
  arguments.color = !no_color && std::getenv("NO_COLOR") == nullptr && isatty(STDOUT_FILENO) == 1;
  return tom::RunVerify(arguments, std::cout, std::cerr);
}
