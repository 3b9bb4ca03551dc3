// The forms that zfsprops(7) and zpool-list(8) describe; the programs themselves are not at hand.
#include "checks/parse/zfs_list.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TEST(ZfsList, TellsTheEncryptionOfEachDataset) {
  const ZfsDatasets datasets = ParseZfsEncryption(
      "tank\tencryption\toff\ntank/safe\tencryption\taes-256-gcm\ntank/old\tencryption\t"
      "aes-128-ccm\ntank/on\tencryption\ton\ntank/none\tencryption\t-\nbroken line\n"
      "tank/other\tkeyformat\tpassphrase\na\tencryption\toff\tmore\n");
  ASSERT_EQ(datasets.size(), 5u);
  EXPECT_EQ(datasets.at("tank").strength.bits, 0);
  EXPECT_EQ(datasets.at("tank/safe").strength.bits, 256);
  EXPECT_EQ(datasets.at("tank/safe").strength.algorithm, "AES-256-GCM");
  EXPECT_EQ(datasets.at("tank/old").strength.bits, 128);
  EXPECT_FALSE(datasets.at("tank/on").strength.bits.has_value());
  EXPECT_FALSE(datasets.at("tank/none").strength.bits.has_value());
}

TEST(ZfsList, TellsTheDevicesOfEachPool) {
  const ZfsPools pools = ParseZfsPools(
      "tank\t9.5G\t1G\tONLINE\t-\n\tmirror-0\t9.5G\n\t/dev/dm-0\t-\n\t/dev/dm-1\t-\nlogs\t-\t-\n"
      "\t/dev/sdc1\t-\nhome\t1\n\t/dev/sdd\t-\n");
  EXPECT_EQ(pools.at("tank"), (std::vector<std::string>{"/dev/dm-0", "/dev/dm-1", "/dev/sdc1"}));
  EXPECT_EQ(pools.at("home"), std::vector<std::string>{"/dev/sdd"});
  EXPECT_TRUE(ParseZfsPools("\t/dev/sda\n").empty());
}

}  // namespace
}  // namespace tom
