#include "checks/parse/oval_definitions.h"
#include "checks/parse/oval_evaluate.h"
#include "tests/fuzz/fuzz.h"

namespace tom {

void Fuzz(std::string_view input) {
  OvalReader reader;
  for (size_t at = 0; at < input.size(); at += 100) {
    if (!reader.Take(input.substr(at, 100)).ok()) return;
  }
  const auto file = reader.Finish();
  if (!file.ok()) return;
  OvalHost host;
  host.release = 12;
  host.packages = {{"foo", "1.0-1", "amd64", "foo", "1.0-1"},
                   {"libbar", "9", "i386", "bar", "2:1"}};
  const OvalOutcome outcome = EvaluateOval(*file, host);
  TOM_FUZZ_CHECK(outcome.definitions <= file->definitions.size());
  TOM_FUZZ_CHECK(outcome.undecided <= outcome.definitions);
  TOM_FUZZ_CHECK(outcome.packages <= host.packages.size());
  for (const OvalFinding& one : outcome.findings) {
    TOM_FUZZ_CHECK(one.package < host.packages.size());
  }
}

}  // namespace tom
