#include "checks/parse/borg_format.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

using namespace std::string_literals;

const std::string kId(64, 'a');

TEST(BorgFormat, TheConfigurationIsRead) {
  const auto config = ParseBorgConfig(
      "[repository]\nversion = 1\nsegments_per_dir = 1000\nappend_only = 1\nid = " + kId +
      "\nkey = abc\n\tdef\n\tghi\nstorage_quota = 0\n");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->key, "abcdefghi");
  EXPECT_EQ(config->segments_per_dir, 1000);
  EXPECT_TRUE(config->append_only);
  EXPECT_EQ(config->id, kId);
}

TEST(BorgFormat, WhatIsNoConfigurationOfVersionOneIsRefused) {
  for (const std::string& bad :
       {""s, "version = 1\n"s, "[repository]\nversion = 2\nsegments_per_dir = 1\nid = " + kId,
        "[repository]\nversion = 1\nsegments_per_dir = 0\nid = " + kId,
        "[repository]\nversion = 1\nsegments_per_dir = 1000\nid = ../x"s}) {
    EXPECT_FALSE(ParseBorgConfig(bad).ok()) << bad;
  }
}

TEST(BorgFormat, AKeyFileBelongsToOneRepository) {
  EXPECT_EQ(*ParseBorgKeyFile("BORG_KEY " + kId + "\nabc\ndef\n", kId), "abcdef");
  EXPECT_TRUE(absl::IsFailedPrecondition(
      ParseBorgKeyFile("BORG_KEY " + std::string(64, 'b') + "\nabc\n", kId).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ParseBorgKeyFile("-----BEGIN", kId).status()));
}

TEST(BorgFormat, KeysOfAnotherFormAreRefused) {
  for (const char* bad : {"", "!", "gA==", "hKd2ZXJzaW9uAQ=="}) {
    EXPECT_FALSE(UnlockBorgKey(bad, "x").ok()) << bad;
  }
}

TEST(BorgFormat, ObjectsWithoutEncryptionAreKnownByTheirHash) {
  const std::string object = "\x02\x00\x00plain"s;
  const Digest right = Sha256("plain");
  EXPECT_EQ(*OpenBorgObject(object, nullptr, &right), "plain");
  const Digest wrong = Sha256("another");
  EXPECT_TRUE(absl::IsDataLoss(OpenBorgObject(object, nullptr, &wrong).status()));
  const BorgKey key{std::string(32, 'k'), std::string(32, 'm'), std::string(32, 'i')};
  // An object without encryption in a repository with: whoever writes there could have put it.
  EXPECT_TRUE(absl::IsDataLoss(OpenBorgObject(object, &key, &right).status()));
  EXPECT_TRUE(
      absl::IsDataLoss(OpenBorgObject("\x03"s + std::string(60, 'x'), &key, nullptr).status()));
  EXPECT_TRUE(absl::IsDataLoss(OpenBorgObject("\x03"s, &key, nullptr).status()));
  EXPECT_TRUE(absl::IsDataLoss(OpenBorgObject("", nullptr, nullptr).status()));
  EXPECT_TRUE(absl::IsDataLoss(OpenBorgObject("\x02\x09\x09x"s, nullptr, nullptr).status()));
}

TEST(BorgFormat, AManifestThatIsNotAuthenticIsRefusedWhereThereIsAKey) {
  const std::string plain =
      "\x82\xa7version\x01\xa8"
      "archives\x81\xa1"
      "a\x82\xa2id\xc4\x20"s +
      std::string(32, 'x') +
      "\xa4time\xba"
      "2026-11-22T13:45:57.000001";
  const auto open = ParseBorgManifest(plain, nullptr);
  ASSERT_TRUE(open.ok()) << open.status();
  ASSERT_EQ(open->size(), 1u);
  EXPECT_EQ((*open)[0].name, "a");
  EXPECT_EQ((*open)[0].time, 1795355157);
  EXPECT_EQ((*open)[0].micros, 1);
  const BorgKey key{std::string(32, 'k'), std::string(32, 'm'), std::string(32, 'i')};
  EXPECT_TRUE(absl::IsDataLoss(ParseBorgManifest(plain, &key).status()));
}

TEST(BorgFormat, ItemsComeInPieces) {
  const std::string one =
      "\x82\xa4path\xa8srv/data\xa6"
      "chunks\x91\x93\xc4\x20"s +
      std::string(32, 'c') + "\x05\x05";
  BorgItems stream;
  std::vector<BorgItem> items;
  ASSERT_TRUE(stream.Add(one.substr(0, 20), items).ok());
  EXPECT_TRUE(items.empty());
  EXPECT_FALSE(stream.AtEnd());
  ASSERT_TRUE(stream.Add(one.substr(20) + one, items).ok());
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].path, "srv/data");
  EXPECT_EQ(items[0].chunks.size(), 1u);
  EXPECT_TRUE(stream.AtEnd());
  EXPECT_FALSE(stream.Add("\x01", items).ok());
}

TEST(BorgFormat, HeadsOfEntriesAreBounded) {
  const auto head = [](const std::string& size, char tag) {
    return "cccc" + size + std::string(1, tag) + std::string(32, 'i');
  };
  EXPECT_TRUE(ParseBorgEntryHead(head("\x29\x00\x00\x00"s, 0)).has_value());
  EXPECT_TRUE(ParseBorgEntryHead(head("\x09\x00\x00\x00"s, 2)).has_value());
  EXPECT_FALSE(ParseBorgEntryHead(head("\x28\x00\x00\x00"s, 0)).has_value());
  EXPECT_FALSE(ParseBorgEntryHead(head("\xff\xff\xff\xff"s, 0)).has_value());
  EXPECT_FALSE(ParseBorgEntryHead(head("\x29\x00\x00\x00"s, 3)).has_value());
  EXPECT_FALSE(ParseBorgEntryHead(head("\x2a\x00\x00\x00"s, 1)).has_value());
  EXPECT_FALSE(ParseBorgEntryHead("short").has_value());
}

TEST(BorgFormat, AnIndexMustBeAsLongAsItSays) {
  const std::string head = "BORG_IDX\x01\x00\x00\x00\x02\x00\x00\x00\x20\x08"s;
  EXPECT_TRUE(ParseBorgIndexHead(head, 18 + 80).ok());
  EXPECT_FALSE(ParseBorgIndexHead(head, 18 + 79).ok());
  EXPECT_FALSE(ParseBorgIndexHead("BORG_IDX\x01\x00\x00\x00\x00\x00\x00\x00\x20\x08"s, 18).ok());
  EXPECT_FALSE(ParseBorgIndexHead("", 0).ok());
}

}  // namespace
}  // namespace tom
