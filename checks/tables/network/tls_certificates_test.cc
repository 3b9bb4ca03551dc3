// What the tables over certificates make of files and of endpoints that show none; what servers
// show is tried with real ones in tests/e2e/tls_zoo.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "checks/engine/scan.h"
#include "checks/engine/sql_engine.h"
#include "checks/env/fake_env.h"

namespace tom {

Table certificates_table();
Table curl_certificate_table();
Table tls_certificates_table();

namespace {

std::string MakePem(const std::string& options) {
  std::string folder = testing::TempDir() + "tableXXXXXX";
  mkdtemp(folder.data());
  const std::string command = "openssl req -x509 -nodes -newkey ed25519 -keyout " + folder +
                              "/k -out " + folder + "/c " + options + " 2>/dev/null";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  std::ifstream file(folder + "/c");
  std::ostringstream text;
  text << file.rdbuf();
  std::filesystem::remove_all(folder);
  return text.str();
}

class CertificateTables : public testing::Test {
 protected:
  std::vector<std::vector<std::string>> Query(const Table& table, const std::string& sql) {
    SqlOptions options;
    options.declared = declared;
    const auto engine = SqlEngine::Create({table}, env, options);
    EXPECT_TRUE(engine.ok()) << engine.status();
    const auto result = (*engine)->Run(sql, {});
    EXPECT_TRUE(result.ok()) << result.status();
    std::vector<std::vector<std::string>> rows;
    for (const ValueRow& row : result->rows) {
      auto& cells = rows.emplace_back();
      for (const Value& value : row) cells.push_back(IsNull(value) ? "NULL" : ValueText(value));
    }
    return rows;
  }

  FakeEnv env;
  Declared declared;
};

TEST_F(CertificateTables, FilesOfServicesOfTheSystemAndOfEndpoints) {
  const std::string leaf =
      MakePem("-subj /CN=leaf -addext basicConstraints=critical,CA:FALSE -set_serial 7");
  env.AddFile("/etc/ssl/certs/root.pem", MakePem("-subj /CN=root"));
  env.AddFile("/etc/nginx/site/own.pem", leaf);
  env.AddFile("/etc/nginx/site/own.key.pem", "not to be opened");
  env.AddFile("/etc/nginx/nginx.conf", "");
  env.AddFile("/etc/nginx/broken.crt",
              "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n");
  env.AddFile("/srv/ca.pem", MakePem("-subj /CN=own-ca"));
  DeclaredEndpoint endpoint;
  endpoint.host = "127.0.0.1";
  endpoint.port = 1;
  endpoint.ca_file = "/srv/ca.pem";
  declared.endpoints = {endpoint, endpoint};
  using Rows = std::vector<std::vector<std::string>>;
  EXPECT_EQ(Query(certificates_table(),
                  "SELECT path, common_name, ca, store FROM certificates ORDER BY path"),
            (Rows{{"/etc/nginx/broken.crt", "NULL", "NULL", "service"},
                  {"/etc/nginx/site/own.pem", "leaf", "0", "service"},
                  {"/etc/ssl/certs/root.pem", "root", "1", "system"},
                  {"/srv/ca.pem", "own-ca", "1", "configured"}}));
  for (const std::string& path : env.reads()) EXPECT_EQ(path.find("key.pem"), std::string::npos);
  EXPECT_EQ(Query(certificates_table(),
                  "SELECT common_name, serial, self_signed, key_algorithm FROM certificates "
                  "WHERE path = '/etc/nginx/site/own.pem'"),
            (Rows{{"leaf", "07", "1", "ED25519"}}));
}

TEST_F(CertificateTables, AFolderThatCannotBeReadIsSaid) {
  env.AddError("/etc/nginx", absl::PermissionDeniedError("/etc/nginx: denied"));
  const Scan scan =
      ScanTable(certificates_table(), env, {.declared = declared, .constraints = {}}, nullptr);
  ASSERT_EQ(scan.incomplete.size(), 1u);
  EXPECT_NE(scan.incomplete[0].find("/etc/nginx"), std::string::npos);
}

TEST_F(CertificateTables, AnEndpointWithoutACertificateHasARowThatSaysSo) {
  DeclaredEndpoint endpoint;
  endpoint.host = "127.0.0.1";
  endpoint.port = 443;
  declared.endpoints = {endpoint};
  const auto rows = Query(tls_certificates_table(),
                          "SELECT host, port, outcome, subject, certificate_valid, error IS NULL "
                          "FROM tls_certificates");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0],
            (std::vector<std::string>{"127.0.0.1", "443", "unreachable", "NULL", "NULL", "0"}));
}

TEST_F(CertificateTables, CurlCertificateConnectsOnlyToWhatIsDeclared) {
  DeclaredEndpoint endpoint;
  endpoint.host = "127.0.0.1";
  endpoint.port = 443;
  declared.endpoints = {endpoint};
  for (const char* name :
       {"192.0.2.1", "127.0.0.1:444", "127.0.0.1:x", "127.0.0.1:99999", "[::1", ""}) {
    Query(curl_certificate_table(),
          std::string("SELECT * FROM curl_certificate WHERE hostname = '") + name + "'");
    EXPECT_TRUE(env.connections().empty()) << name;
  }
  Query(curl_certificate_table(), "SELECT * FROM curl_certificate WHERE hostname = '127.0.0.1'");
  EXPECT_FALSE(env.connections().empty());
  for (const std::string& one : env.connections()) EXPECT_EQ(one, "127.0.0.1:443");
}

}  // namespace
}  // namespace tom
