#include "evidence/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tom {
namespace {

using ::testing::HasSubstr;

constexpr char kOrigin[] = "log.example.org/tom";

class CheckpointTest : public ::testing::Test {
 protected:
  const PrivateKey key_ = *PrivateKey::Generate(KeyKind::kEd25519);
  const LogKey log_ = *ParseVkey(EncodeVkey(kOrigin, key_.public_key()));
  const Checkpoint checkpoint_{kOrigin, 42, Sha256("root")};

  // A note over any text, so that only the text is at fault.
  std::string Signed(const std::string& text) const { return text + "\n" + Line(text); }
  std::string Line(const std::string& text) const {
    const std::string good = *SignCheckpoint(checkpoint_, key_);
    const std::string id = Base64Decode(good.substr(good.rfind(' ') + 1, 8))->substr(0, 4);
    return std::string("\xE2\x80\x94 ") + kOrigin + " " + Base64Encode(id + *key_.Sign(text)) +
           "\n";
  }
  std::string Problem(const std::string& note) const {
    return std::string(VerifyCheckpoint(note, log_).status().message());
  }
};

TEST(Vkey, KnownKeyOfAPublicLog) {
  // The verifier key of the Go checksum database, golang.org/x/mod/sumdb.
  constexpr char kKnown[] = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
  const auto key = ParseVkey(kKnown);
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->name, "sum.golang.org");
  EXPECT_EQ(EncodeVkey(key->name, key->key), kKnown);
}

TEST(Vkey, RefusesOtherShapes) {
  constexpr char kKey[] = "Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
  for (const std::string& bad :
       {std::string(), std::string("a+b"), std::string("sum.golang.org+033de0af+") + kKey,
        std::string("sum.golang.org+033DE0AE+") + kKey,
        std::string("sum.golang.com+033de0ae+") + kKey, std::string("+033de0ae+") + kKey,
        std::string("sum golang.org+033de0ae+") + kKey,
        std::string("sum.golang.org+033de0ae+") + kKey + "\n",
        std::string("sum.golang.org+033de0ae+Ac4zctda")}) {
    EXPECT_FALSE(ParseVkey(bad).ok()) << bad;
  }
}

TEST_F(CheckpointTest, SignsAndVerifies) {
  const std::string note = *SignCheckpoint(checkpoint_, key_);
  const auto read = VerifyCheckpoint(note, log_);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, checkpoint_);
  EXPECT_EQ(*NoteText(note), CheckpointText(checkpoint_));
  EXPECT_EQ(CheckpointText(checkpoint_),
            "log.example.org/tom\n42\n" + Base64Encode(Sha256("root").Raw()) + "\n");
  EXPECT_EQ(note, Signed(CheckpointText(checkpoint_)));
}

TEST_F(CheckpointTest, TextIsStrict) {
  const std::string root = Base64Encode(Sha256("root").Raw()) + "\n";
  const std::string origin = std::string(kOrigin) + "\n";
  const std::pair<std::string, const char*> kCases[] = {
      {origin + "042\n" + root, "leading zeroes"},
      {origin + "-1\n" + root, "leading zeroes"},
      {origin + "+1\n" + root, "leading zeroes"},
      {origin + "\n" + root, "leading zeroes"},
      {origin + "9007199254740992\n" + root, "leading zeroes"},
      {origin + "99999999999999999999\n" + root, "leading zeroes"},
      {origin + "42\n" + root + "extension\n", "extension"},
      {origin + "42\n", "fewer than three"},
      {origin + "42\nAAAA\n", "32 bytes"},
      {origin + "0\n" + root, "empty tree"},
      {"log.example.org/other\n42\n" + root, "another ledger"},
      {"\n42\n" + root, "origin is empty"},
      {"log example\n42\n" + root, "odd characters"}};
  for (const auto& [text, problem] : kCases) {
    EXPECT_THAT(Problem(Signed(text)), HasSubstr(problem)) << text;
  }
  EXPECT_TRUE(
      VerifyCheckpoint(Signed(origin + "0\n" + Base64Encode(Sha256("").Raw()) + "\n"), log_).ok());
}

TEST_F(CheckpointTest, SignaturesAreStrict) {
  const std::string text = CheckpointText(checkpoint_);
  const std::string good = Line(text);
  const std::string foreign =
      "\xE2\x80\x94 witness.example.org " + Base64Encode("abcdsignature") + "\n";
  EXPECT_TRUE(VerifyCheckpoint(text + "\n" + foreign + good, log_).ok());
  std::string many;
  for (int i = 0; i < 15; ++i) many += foreign;
  EXPECT_TRUE(VerifyCheckpoint(text + "\n" + many + good, log_).ok());
  const std::pair<std::string, const char*> kCases[] = {
      {text + "\n" + many + foreign + good, "over 16"},
      {text + "\n", "no signature of the ledger"},
      {text + "\n" + foreign, "no signature of the ledger"},
      {text + "\n" + good + good, "two signatures"},
      {text + "\n" + Line("other\n"), "does not verify"},
      {text + "\n" + good.substr(0, good.size() - 1), "no newline"},
      {text + "\n" + good + "trailing\n", "without its dash"},
      {text + "\n" + good + "\n", "no signature of the ledger"},
      {text + good, "no blank line"},
      {text + "\n- " + good.substr(4), "without its dash"},
      {text + "\n\xE2\x80\x94 " + kOrigin + "\n", "without a name"},
      {text + "\n\xE2\x80\x94 " + kOrigin + " AAAA\n", "base64 of key id"},
      {text + "\r\n" + good, "control character"},
      {text + "\n" + good + std::string(1, '\0'), "control character"},
      {text + "\n" + good + "\xFF\n", "UTF-8"},
      {std::string(70000, 'x'), "too large"},
      {"", "no blank line"}};
  for (const auto& [note, problem] : kCases) {
    EXPECT_THAT(Problem(note), HasSubstr(problem)) << note;
  }
}

TEST_F(CheckpointTest, OtherKeysAreRefused) {
  const std::string note = *SignCheckpoint(checkpoint_, key_);
  const PrivateKey other = *PrivateKey::Generate(KeyKind::kEd25519);
  EXPECT_FALSE(VerifyCheckpoint(note, *ParseVkey(EncodeVkey(kOrigin, other.public_key()))).ok());
  const PrivateKey host = *PrivateKey::Generate(KeyKind::kP256);
  EXPECT_FALSE(SignCheckpoint(checkpoint_, host).ok());
  EXPECT_FALSE(VerifyCheckpoint(note, LogKey{kOrigin, host.public_key()}).ok());
  EXPECT_FALSE(SignCheckpoint({"a b", 1, Sha256("")}, key_).ok());
  EXPECT_FALSE(SignCheckpoint({"a\n1", 1, Sha256("")}, key_).ok());
}

}  // namespace
}  // namespace tom
