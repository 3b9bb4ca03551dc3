// Configurations made of lines (PostgreSQL, Postfix, openssl.cnf), and what they say about versions
// and suites.
#include "checks/parse/openssl_config.h"
#include "checks/parse/postfix_config.h"
#include "checks/parse/postgres_config.h"
#include "checks/parse/tls_settings.h"
#include "tests/fuzz/fuzz.h"

namespace tom {
namespace {

void Settings(std::string_view value) {
  for (const VersionSet& versions :
       {PostfixVersions(value), OpensslVersions(value), MysqlVersions(value)}) {
    if (versions) TOM_FUZZ_CHECK(versions->size() <= kTlsVersions.size());
  }
  // Shutting a class out never lets anything in.
  const CipherJudgement judgement = JudgeCipherString(value);
  const std::string less = std::string(value) + ":!RC4:!3DES";
  for (const std::string& weak : JudgeCipherString(less).weak) {
    TOM_FUZZ_CHECK(weak != "RC4" && weak != "3DES");
    TOM_FUZZ_CHECK(!judgement.sure || std::find(judgement.weak.begin(), judgement.weak.end(),
                                                weak) != judgement.weak.end());
  }
}

}  // namespace

void Fuzz(std::string_view input) {
  Settings(input.substr(0, 300));
  const auto conf = ParsePostgresConfig(input, "f");
  if (conf.ok()) {
    for (const PostgresSetting& one : *conf) TOM_FUZZ_CHECK(!one.name.empty() && one.line >= 1);
  }
  const auto access = ParsePostgresAccess(input, "f");
  if (access.ok()) {
    for (const PostgresAccess& one : *access) TOM_FUZZ_CHECK(!one.type.empty());
  }
  const auto main = ParsePostfixMain(input, "f");
  if (main.ok()) {
    for (const auto& [name, value] : *main) {
      const auto expanded = ExpandPostfix(value, *main);
      if (expanded.ok()) TOM_FUZZ_CHECK(expanded->find('$') == std::string::npos);
    }
  }
  const auto master = ParsePostfixMaster(input, "f");
  if (master.ok()) {
    for (const PostfixService& one : *master) TOM_FUZZ_CHECK(!one.name.empty());
  }
  const auto openssl = ParseOpensslConfig(input, "f");
  if (openssl.ok()) {
    for (const OpensslLine& one : *openssl) TOM_FUZZ_CHECK(one.line >= 1);
  }
}

}  // namespace tom
