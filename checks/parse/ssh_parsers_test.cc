// What SSH and PAM write, against their readers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/parse/authorized_keys.h"
#include "checks/parse/duo_config.h"
#include "checks/parse/ssh_algorithms.h"
#include "checks/parse/ssh_kex_init.h"
#include "checks/parse/ssh_private_key.h"

namespace tom {
namespace {

using testing::ElementsAre;

void AddList(std::string& packet, const std::string& names) {
  packet += {'\0', '\0', '\0', static_cast<char>(names.size())};
  packet += names;
}

std::string KexInit() {
  std::string payload = "\x14" + std::string(16, 'c');
  for (const char* names :
       {"curve25519-sha256,diffie-hellman-group1-sha1", "ssh-ed25519", "aes256-ctr",
        "aes256-ctr,3des-cbc", "hmac-sha1", "hmac-md5", "none", "none", "", ""})
    AddList(payload, names);
  payload += std::string(5, '\0');
  const auto size = static_cast<char>(payload.size() + 1 + 4);
  return std::string("\0\0", 2) + '\0' + size + '\x04' + payload + std::string(4, '\0');
}

TEST(SshOffer, ListsOfAKexInit) {
  const std::string text = "a banner\r\nSSH-2.0-OpenSSH_9.2p1 Debian-2\r\n" + KexInit();
  const SshOffer offer = ParseSshOffer(text);
  ASSERT_EQ(offer.state, SshOffer::State::kDone);
  EXPECT_EQ(offer.identification, "SSH-2.0-OpenSSH_9.2p1 Debian-2");
  EXPECT_THAT(offer.kex, ElementsAre("curve25519-sha256", "diffie-hellman-group1-sha1"));
  EXPECT_THAT(offer.ciphers, ElementsAre("aes256-ctr", "3des-cbc"));
  EXPECT_THAT(offer.macs, ElementsAre("hmac-sha1", "hmac-md5"));
  for (size_t size = 0; size < text.size(); ++size)
    EXPECT_EQ(ParseSshOffer(text.substr(0, size)).state, SshOffer::State::kMore) << size;
}

TEST(SshOffer, WhatIsNoSsh) {
  std::string lines;
  for (int i = 0; i < 60; ++i) lines += "220 mail\r\n";
  EXPECT_EQ(ParseSshOffer(lines).state, SshOffer::State::kNotSsh);
  EXPECT_EQ(ParseSshOffer(std::string(9000, 'x')).state, SshOffer::State::kNotSsh);
  EXPECT_EQ(ParseSshOffer(std::string(9000, 'x') + "\nSSH-2.0-x\r\n").state,
            SshOffer::State::kNotSsh);
  EXPECT_EQ(ParseSshOffer("SSH-2.0-x\r\n\xff\xff\xff\xff\x04").state, SshOffer::State::kNotSsh);
  EXPECT_EQ(ParseSshOffer("SSH-2.0-x\r\n" + std::string("\0\0\0\x05\x04", 5)).state,
            SshOffer::State::kNotSsh);
}

TEST(AuthorizedKeys, OptionsAndKeys) {
  const AuthorizedKeys file = ParseAuthorizedKeys(
      "# none\nssh-ed25519 AAAA alice at home\n\n"
      "command=\"a \\\"b, verify-required\",no-pty sk-ssh-ed25519@openssh.com BBBB\n"
      "Verify-Required,restrict sk-ecdsa-sha2-nistp256@openssh.com CCCC token\n"
      "cert-authority ssh-rsa DDDD\nnonsense\nssh-rot13 EEEE\n");
  ASSERT_EQ(file.keys.size(), 4u);
  EXPECT_EQ(file.keys[0].comment, "alice at home");
  EXPECT_EQ(file.keys[0].options, "");
  EXPECT_EQ(file.keys[1].line, 4);
  EXPECT_FALSE(file.keys[1].verify_required) << "it stands in a quoted command";
  EXPECT_TRUE(file.keys[1].restricted);
  EXPECT_TRUE(file.keys[2].verify_required);
  EXPECT_TRUE(file.keys[3].authority);
  EXPECT_TRUE(file.problems.empty());
  EXPECT_EQ(ParseAuthorizedKeys(std::string("a\0b", 3)).problems.size(), 1u);
}

TEST(SshPrivateKey, WhetherAPassphraseGuardsIt) {
  struct Case {
    const char* text;
    std::optional<bool> encrypted;
    const char* type;
  };
  const Case cases[] = {
      {"-----BEGIN OPENSSH PRIVATE KEY-----\n"
       "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n"
       "QyNTUxOQAAACDd\n",
       false, ""},
      {"-----BEGIN OPENSSH PRIVATE KEY-----\n"
       "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABAAAAAA\n",
       std::nullopt, ""},
      {"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n", true, "rsa"},
      {"-----BEGIN EC PRIVATE KEY-----\nMHc\n", false, "ecdsa"},
      {"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMHc\n", true, ""},
      {"-----BEGIN PRIVATE KEY-----\nMHc\n", false, ""},
      {"-----BEGIN OPENSSH PRIVATE KEY-----\n!!\n", std::nullopt, ""},
  };
  for (const Case& one : cases) {
    const auto key = ParseSshPrivateKey(one.text);
    ASSERT_TRUE(key.has_value()) << one.text;
    EXPECT_EQ(key->encrypted, one.encrypted) << one.text;
    EXPECT_EQ(key->type, one.type) << one.text;
  }
  EXPECT_FALSE(ParseSshPrivateKey("ssh-ed25519 AAAA").has_value());
  EXPECT_FALSE(ParseSshPrivateKey("-----BEGIN CERTIFICATE-----\n").has_value());
}

TEST(SshAlgorithms, ListsAreCompletedAsSshdDoes) {
  EXPECT_EQ(EffectiveSshAlgorithms("ciphers", "aes256-ctr"), "aes256-ctr");
  EXPECT_EQ(EffectiveSshAlgorithms("ciphers", "^aes256-ctr")->substr(0, 11), "aes256-ctr,");
  EXPECT_EQ(EffectiveSshAlgorithms("ciphers", "+aes128-cbc"),
            *EffectiveSshAlgorithms("ciphers", "") + ",aes128-cbc");
  EXPECT_EQ(EffectiveSshAlgorithms("ciphers", "-aes*,chacha*"),
            EffectiveSshAlgorithms("ciphers", ""));
  EXPECT_EQ(
      EffectiveSshAlgorithms("macs", "-*sha1*,umac*"),
      "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512");
  EXPECT_EQ(EffectiveSshAlgorithms("ciphers", "rot13"), std::nullopt);
  EXPECT_EQ(EffectiveSshAlgorithms("port", "22"), std::nullopt);
  EXPECT_EQ(SshAlgorithmWeakness("cipher", "aes128-cbc"), "weak");
  EXPECT_EQ(SshAlgorithmWeakness("kex", "diffie-hellman-group1-sha1"), "broken");
  EXPECT_EQ(SshAlgorithmWeakness("host_key", "rsa-sha2-512"), "");
}

TEST(DuoConfig, TheLastValueCounts) {
  EXPECT_TRUE(ParseDuoConfig("").fail_safe);
  EXPECT_FALSE(ParseDuoConfig("[duo]\nfailmode = secure\n").fail_safe);
  EXPECT_TRUE(ParseDuoConfig("failmode=secure\n[x]\nfailmode=safe\n").fail_safe);
  EXPECT_FALSE(ParseDuoConfig("failmode=Secure\n").understood);
  EXPECT_FALSE(ParseDuoConfig("nonsense\n").understood);
  EXPECT_EQ(ParseDuoConfig("groups=a,!b ; note\n").groups, "a,!b");
}

}  // namespace
}  // namespace tom
