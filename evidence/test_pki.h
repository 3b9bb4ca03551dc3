// For tests alone: a throw-away CA, certificates, time-stamps and CMS signatures made by the
// `openssl` program, so that our readers are judged against somebody else's writer. Everything
// lives in a temporary folder of the object.
#ifndef TOM_EVIDENCE_TEST_PKI_H_
#define TOM_EVIDENCE_TEST_PKI_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "evidence/certificate.h"
#include "evidence/digest.h"

namespace tom {

class TestPki {
 public:
  struct Identity {
    std::string name;  // stem of its files
    std::string cert_pem;
    std::string key_pem;
    std::string der;
  };

  TestPki() {
    std::string pattern = testing::TempDir() + "tom-pki-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    folder_ = pattern;
    Write("ca.cnf",
          "[ca]\ndefault_ca=d\n[d]\ndatabase=" + Path("index") + "\nserial=" + Path("serial") +
              "\nnew_certs_dir=" + folder_ +
              "\ndefault_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n");
    Write("index", "");
    Write("serial", "01\n");
    ca_ = MakeCa("ca");
  }
  ~TestPki() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  TestPki(const TestPki&) = delete;
  TestPki& operator=(const TestPki&) = delete;

  const Identity& ca() const { return ca_; }

  // Another root, of the same subject whatever the name, so that only the key tells them apart.
  Identity MakeCa(const std::string& name) {
    MakeKey(name);
    Run("req -new -sha256 -subj /CN=test-ca -key " + Path(name + ".key") + " -out " +
        Path(name + ".csr"));
    Write(name + ".ext",
          "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"
          "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n");
    Run("ca -batch -notext -selfsign -config " + Path("ca.cnf") + " -keyfile " +
        Path(name + ".key") + " -startdate 20200101000000Z -enddate 20491231235959Z -extfile " +
        Path(name + ".ext") + " -in " + Path(name + ".csr") + " -out " + Path(name + ".pem"));
    return Load(name);
  }

  // A certificate of `usages` (comma-separated, may start with "critical,"; none when empty), good
  // from `from` to `to` (YYYYMMDDHHMMSSZ). `more` are further lines of the extension section.
  Identity Issue(const std::string& name, const std::string& usages, const std::string& more = "",
                 const std::string& from = "20200101000000Z",
                 const std::string& to = "20491231235959Z", const std::string& issuer = "ca") {
    MakeKey(name);
    Run("req -new -sha256 -subj /CN=" + name + " -key " + Path(name + ".key") + " -out " +
        Path(name + ".csr"));
    Write(name + ".ext", "authorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n" + more +
                             (usages.empty() ? "" : "\nextendedKeyUsage=" + usages) + "\n");
    Run("ca -batch -notext -config " + Path("ca.cnf") + " -cert " + Path(issuer + ".pem") +
        " -keyfile " + Path(issuer + ".key") + " -startdate " + from + " -enddate " + to +
        " -extfile " + Path(name + ".ext") + " -in " + Path(name + ".csr") + " -out " +
        Path(name + ".pem"));
    return Load(name);
  }

  Identity IssueFor(Purpose purpose, const std::string& name) {
    std::string usages;
    for (const std::string& usage : PurposeUsages(purpose)) {
      usages += (usages.empty() ? "" : ",") + usage;
    }
    return Issue(name, usages, "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature");
  }

  Identity IssueAuthority(const std::string& name, const std::string& from = "20200101000000Z",
                          const std::string& to = "20491231235959Z") {
    return Issue(name, "critical,timeStamping", "keyUsage=critical,digitalSignature", from, to);
  }

  // A token over `imprint`. `query` and `options` are further options of `ts -query` and lines of
  // the TSA's section.
  std::string Stamp(const Identity& authority, const Digest& imprint,
                    const std::string& query = " -cert -sha256", const std::string& options = "") {
    Write("ts.serial", "01\n");
    Write("ts.cnf", "[tsa]\ndefault_tsa=t\n[t]\nserial=" + Path("ts.serial") +
                        "\ncrypto_device=builtin\nsigner_digest=sha256\ndefault_policy=1.2.3.4\n"
                        "digests=sha256,sha1,sha512\ness_cert_id_alg=sha256\ntsa_name=yes\n" +
                        options + "\n");
    Run("ts -query -digest " + imprint.Hex() + query + " -out " + Path("ts.tsq"));
    Run("ts -reply -config " + Path("ts.cnf") + " -queryfile " + Path("ts.tsq") + " -signer " +
        Path(authority.name + ".pem") + " -inkey " + Path(authority.name + ".key") +
        " -token_out -out " + Path("ts.tst"));
    return Read("ts.tst");
  }

  // A detached CAdES signature; `options` replace the usual ones.
  std::string SignCms(const Identity& signer, const std::string& content,
                      const std::string& options = "-cades -md sha256 -nosmimecap") {
    Write("content", content);
    Run("cms -sign -binary -outform DER " + options + " -signer " + Path(signer.name + ".pem") +
        " -inkey " + Path(signer.name + ".key") + " -in " + Path("content") + " -out " +
        Path("content.p7s"));
    return Read("content.p7s");
  }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }

  void Write(const std::string& name, const std::string& bytes) const {
    std::ofstream(Path(name), std::ios::binary) << bytes;
  }

  std::string Read(const std::string& name) const {
    std::ifstream file(Path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  // Runs the openssl program; a failure ends the test.
  void Run(const std::string& arguments) const {
    const std::string command = "openssl " + arguments + " >" + Path("log") + " 2>&1";
    if (std::system(command.c_str()) != 0) throw std::runtime_error(command + "\n" + Read("log"));
  }

 private:
  void MakeKey(const std::string& name) const {
    Run("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out " + Path(name + ".key"));
  }

  Identity Load(const std::string& name) const {
    const std::string pem = Read(name + ".pem");
    return {name, pem, Read(name + ".key"), PemToDer(pem).value().front()};
  }

  std::string folder_;
  Identity ca_;
};

}  // namespace tom

#endif  // TOM_EVIDENCE_TEST_PKI_H_
