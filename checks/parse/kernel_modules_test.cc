#include "checks/parse/kernel_modules.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TEST(KernelModules, LoadedOnes) {
  const LoadedModules loaded = ParseProcModules(
      "nf_tables 229376 1 nft_compat, Live 0xffffffffc0a00000\n"
      "sctp 40 0 - Loading 0x0 (OE)\n"
      "\nshort 1 2\nbad x 0 - Live 0x0\n");
  ASSERT_EQ(loaded.modules.size(), 2u);
  EXPECT_EQ(loaded.bad_lines, 2u);
  EXPECT_EQ(loaded.modules[0].name, "nf_tables");
  EXPECT_EQ(loaded.modules[0].size, 229376);
  EXPECT_EQ(loaded.modules[0].used_by, "nft_compat");
  EXPECT_EQ(loaded.modules[1].used_by, "-");
  EXPECT_EQ(loaded.modules[1].status, "Loading");
}

TEST(KernelModules, RulesOfModprobe) {
  const auto rules = ParseModprobe(
      "# install a /bin/false\ninstall usb-storage \\\n /bin/false\nblacklist\tsctp\n"
      "options sctp x=1\ninstall\nalias a b\n");
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_EQ(rules[0].module, "usb_storage");
  EXPECT_EQ(rules[0].command, "/bin/false");
  EXPECT_EQ(rules[0].line, 2);
  EXPECT_EQ(rules[1].kind, ModuleRule::Kind::kBlacklist);
  EXPECT_TRUE(InstallsNothing(" /bin/true "));
  EXPECT_FALSE(InstallsNothing("/bin/true; /sbin/modprobe --ignore-install sctp"));
  EXPECT_FALSE(InstallsNothing(""));
}

TEST(KernelModules, ListsOfDepmod) {
  const std::string list =
      "kernel/fs/cramfs/cramfs.ko.xz: kernel/lib/x.ko\nkernel/drivers/usb-storage.ko:\n";
  for (const char* name : {"cramfs", "usb_storage", "usb-storage", "x"}) {
    EXPECT_TRUE(ListsModule(list, name)) << name;
  }
  for (const char* name : {"ramfs", "storage", "", "fs"})
    EXPECT_FALSE(ListsModule(list, name)) << name;
}

}  // namespace
}  // namespace tom
