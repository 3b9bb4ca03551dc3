// Whatever the bytes: the reader ends, every option that facts are given for has a value, and a
// setting names a line that is there.
#include "checks/parse/sshd_config.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  const auto lines = ParseSshdLines(input, "/etc/ssh/sshd_config");
  if (!lines.ok()) return;
  SshdTree tree;
  tree.files.push_back({"/etc/ssh/sshd_config", *lines});
  const SshdClient client{"alice", {"staff"}, "gate.example.org", "192.0.2.7", "2001:db8::1",
                          22,      ""};
  for (const SshdClient* who : {static_cast<const SshdClient*>(nullptr), &client}) {
    const auto settings = EvaluateSshd(tree, who);
    if (!settings.ok()) continue;
    for (const SshdKeyword* keyword : ReportedSshdKeywords()) {
      TOM_FUZZ_CHECK(settings->count(keyword->name) == 1);
      const SshdSetting& setting = settings->at(keyword->name);
      TOM_FUZZ_CHECK(setting.file.empty() == (setting.line == 0));
    }
  }
}
