#include "checks/parse/apt_config.h"
#include "checks/parse/apt_sources.h"
#include "checks/parse/update_origins.h"
#include "tests/fuzz/fuzz.h"

namespace tom {

void Fuzz(std::string_view input) {
  AptConfig config;
  config.Read(input).IgnoreError();
  config.Value("APT::Periodic::Enable");
  config.List("Unattended-Upgrade::Origins-Pattern");
  UpdateOrigins origins("Debian", "bookworm");
  const std::string text(input.substr(0, 4096));
  origins.AddPattern(text);
  origins.AddLegacy(text);
  TOM_FUZZ_CHECK(origins.patterns().size() <= 2);
  TOM_FUZZ_CHECK(origins.problem().empty() || !origins.Take({}));
  for (const AptSources& read : {ParseAptSourcesList(input), ParseAptSourcesDeb822(input)}) {
    TOM_FUZZ_CHECK(read.sources.size() <= kMaxAptSources && read.problems.size() <= 20);
    for (const AptSource& source : read.sources) {
      TOM_FUZZ_CHECK(!source.type.empty() && !source.uri.empty() && !source.suite.empty());
      TOM_FUZZ_CHECK(AptListPrefix(source).find('/') == std::string::npos);
    }
  }
}

}  // namespace tom
