#include "checks/parse/deb_control.h"
#include "checks/parse/deb_version.h"
#include "tests/fuzz/fuzz.h"

namespace tom {

void Fuzz(std::string_view input) {
  for (const DebStanza& stanza : ParseDebStanzas(input).stanzas) {
    TOM_FUZZ_CHECK(!stanza.fields.empty() && stanza.line > 0);
  }
  std::string whole;
  std::string pieces;
  const auto run = [&](size_t size, std::string& seen) {
    PackageListReader reader([](std::string_view) { return true; },
                             [&](const DebPackage& one) { seen.append(one.version).append("|"); });
    for (size_t at = 0; at < input.size(); at += size) reader.Take(input.substr(at, size));
    reader.End();
  };
  run(input.size() + 1, whole);
  run(7, pieces);
  TOM_FUZZ_CHECK(whole == pieces);
  const std::string_view one = input.substr(0, input.find('\n'));
  const std::string_view other = one.size() < input.size() ? input.substr(one.size() + 1) : "";
  const int order = CompareDebVersions(one, other);
  const int back = CompareDebVersions(other, one);
  TOM_FUZZ_CHECK((order < 0) == (back > 0) && (order == 0) == (back == 0));
  TOM_FUZZ_CHECK(CompareDebVersions(one, one) == 0);
}

}  // namespace tom
