// Whatever the bytes: the readers end, within their bounds, and a key has an algorithm.
#include "checks/parse/access_conf.h"
#include "checks/parse/authorized_keys.h"
#include "checks/parse/duo_config.h"
#include "checks/parse/ssh_algorithms.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  const AuthorizedKeys keys = ParseAuthorizedKeys(input);
  TOM_FUZZ_CHECK(keys.keys.size() <= kMaxAuthorizedKeys);
  for (const AuthorizedKey& key : keys.keys) TOM_FUZZ_CHECK(!key.algorithm.empty());
  for (const AccessRule& rule : ParseAccessConf(input, ":", ", \t")) TOM_FUZZ_CHECK(rule.line > 0);
  ParseDuoConfig(input);
  for (const std::string& option : SshAlgorithmOptions()) {
    const auto list = EffectiveSshAlgorithms(option, std::string(input.substr(0, 4096)));
    TOM_FUZZ_CHECK(!list || !list->empty());
  }
}
