// The openssl program makes the certificates.
#include "checks/parse/certificate_details.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace tom {
namespace {

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class CertificateDetailsTest : public testing::Test {
 protected:
  CertificateDetailsTest() {
    std::string name = testing::TempDir() + "certificateXXXXXX";
    folder = mkdtemp(name.data());
  }
  ~CertificateDetailsTest() override { std::filesystem::remove_all(folder); }

  // PEM, and the key behind it.
  std::string Make(const std::string& options) {
    const std::string command = "openssl req -x509 -nodes -keyout " + folder + "/k -out " + folder +
                                "/c " + options + " 2>/dev/null";
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    return Read(folder + "/c") + Read(folder + "/k");
  }

  std::string folder;
};

TEST_F(CertificateDetailsTest, SaysWhatTheCertificateSays) {
  const std::string pem = Make(
      "-newkey ec -pkeyopt ec_paramgen_curve:P-384 -days 10 -set_serial 0xAB12 -sha384 "
      "-subj '/C=SE/O=Example/OU=Unit/CN=a.example.org' "
      "-addext subjectAltName=DNS:a.example.org,IP:192.0.2.1 -addext keyUsage=digitalSignature "
      "-addext extendedKeyUsage=serverAuth -addext basicConstraints=critical,CA:FALSE");
  const CertificateFile file = ReadCertificateFile(pem);
  ASSERT_EQ(file.certificates.size(), 1u);
  EXPECT_EQ(file.unreadable, 0u);
  const auto details = ReadCertificate(file.certificates[0]);
  ASSERT_TRUE(details.has_value());
  EXPECT_EQ(details->subject, "CN=a.example.org,OU=Unit,O=Example,C=SE");
  EXPECT_EQ(details->subject_line, "/C=SE/O=Example/OU=Unit/CN=a.example.org");
  EXPECT_EQ(details->common_name, "a.example.org");
  EXPECT_EQ(details->organization, "Example");
  EXPECT_EQ(details->organization_unit, "Unit");
  EXPECT_EQ(details->issuer, details->subject);
  EXPECT_EQ(details->serial, "AB12");
  EXPECT_EQ(details->names, "DNS:a.example.org, IP Address:192.0.2.1");
  EXPECT_EQ(*details->not_after - *details->not_before, 10 * 86400);
  EXPECT_EQ(details->signature_algorithm, "ecdsa-with-SHA384");
  EXPECT_EQ(details->key_algorithm, "id-ecPublicKey");
  EXPECT_EQ(details->key_type, "EC");
  EXPECT_EQ(details->key_curve, "secp384r1");
  EXPECT_EQ(details->key_bits, 384);
  EXPECT_EQ(details->key_usage, "Digital Signature");
  EXPECT_EQ(details->extended_key_usage, "TLS Web Server Authentication");
  EXPECT_EQ(details->subject_key_id.size(), 40u);
  EXPECT_FALSE(details->ca);
  EXPECT_TRUE(details->self_signed);
}

TEST_F(CertificateDetailsTest, ReadsDerAndSeveralOfAFile) {
  const std::string one = Make("-newkey rsa:2048 -subj /CN=a");
  const std::string two = Make("-newkey ed25519 -subj /CN=b");
  const CertificateFile both = ReadCertificateFile("some text\n" + one + "\n\n" + two);
  ASSERT_EQ(both.certificates.size(), 2u);
  EXPECT_EQ(ReadCertificate(both.certificates[0])->key_bits, 2048);
  EXPECT_EQ(ReadCertificate(both.certificates[1])->key_type, "ED25519");
  EXPECT_TRUE(ReadCertificate(both.certificates[0])->ca);
  EXPECT_EQ(ReadCertificateFile(both.certificates[0]).certificates,
            std::vector<std::string>{both.certificates[0]});
}

TEST_F(CertificateDetailsTest, WhatIsNoneIsNone) {
  const std::string pem = Make("-newkey ed25519 -subj /CN=a");
  const std::string der = ReadCertificateFile(pem).certificates.at(0);
  EXPECT_FALSE(ReadCertificate(der + "x").has_value());
  EXPECT_FALSE(ReadCertificate(der.substr(0, der.size() - 1)).has_value());
  EXPECT_FALSE(ReadCertificate("").has_value());
  EXPECT_FALSE(ReadCertificate(std::string(kMaxCertificateBytes + 1, '\x30')).has_value());
  const CertificateFile broken =
      ReadCertificateFile("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n" + pem);
  EXPECT_EQ(broken.certificates.size(), 1u);
  EXPECT_EQ(broken.unreadable, 1u);
  EXPECT_TRUE(ReadCertificateFile("nothing").certificates.empty());
}

}  // namespace
}  // namespace tom
