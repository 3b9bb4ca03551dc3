// Encryption policies on a real file system: ext4 in a file, mounted over a loop device. What a
// kernel with a device mapper would show beside it is in trees (tests/data/storage).
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/fscrypt.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "checks/engine/scan.h"
#include "checks/env/env_posix.h"
#include "checks/parse/fscrypt_policy.h"

namespace tom {

Table storage_encryption_table();

namespace {

namespace fs = std::filesystem;

class EncryptedMount : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "fscryptXXXXXX";
    folder_ = mkdtemp(pattern.data());
    point_ = folder_ / "mnt";
    fs::create_directory(point_);
    const std::string image = (folder_ / "image").string();
    const std::string make = "truncate -s 16M " + image + " && PATH=$PATH:/sbin:/usr/sbin " +
                             "mkfs.ext4 -q -O encrypt " + image + " 2>&1";
    ASSERT_EQ(std::system(make.c_str()), 0);
    mounted_ =
        std::system(("mount -o loop " + image + " " + point_.string() + " 2>/dev/null").c_str()) ==
        0;
    if (!mounted_) GTEST_SKIP() << "no loop mount here: it takes root and a kernel that lets it";
  }
  void TearDown() override {
    if (mounted_) std::system(("umount " + point_.string()).c_str());
    fs::remove_all(folder_);
  }

  // A key for the file system; false where the kernel has no fscrypt.
  bool AddKey() {
    constexpr size_t kKeyBytes = 64;
    alignas(fscrypt_add_key_arg) unsigned char bytes[sizeof(fscrypt_add_key_arg) + kKeyBytes];
    std::memset(bytes, 0, sizeof(bytes));
    auto* head = reinterpret_cast<fscrypt_add_key_arg*>(bytes);
    head->key_spec.type = FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER;
    head->raw_size = kKeyBytes;
    std::memset(bytes + sizeof(fscrypt_add_key_arg), 0x5a, kKeyBytes);
    const int fd = open(point_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool added = ioctl(fd, FS_IOC_ADD_ENCRYPTION_KEY, head) == 0;
    close(fd);
    std::memcpy(identifier_, head->key_spec.u.identifier, sizeof(identifier_));
    return added;
  }

  bool Encrypt(const fs::path& directory, uint8_t contents, uint8_t names) {
    fs::create_directory(directory);
    fscrypt_policy_v2 policy;
    std::memset(&policy, 0, sizeof(policy));
    policy.version = FSCRYPT_POLICY_V2;
    policy.contents_encryption_mode = contents;
    policy.filenames_encryption_mode = names;
    policy.flags = FSCRYPT_POLICY_FLAGS_PAD_32;
    std::memcpy(policy.master_key_identifier, identifier_, sizeof(identifier_));
    const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool set = ioctl(fd, FS_IOC_SET_ENCRYPTION_POLICY, &policy) == 0;
    close(fd);
    return set;
  }

  fs::path folder_;
  fs::path point_;
  bool mounted_ = false;
  unsigned char identifier_[FSCRYPT_KEY_IDENTIFIER_SIZE] = {};
};

std::string ModesOf(Env& env, const fs::path& path) {
  const auto bytes = env.FscryptPolicy(path.string());
  if (!bytes.ok()) return std::string(absl::StatusCodeToString(bytes.status().code()));
  if (bytes->empty()) return "none";
  const auto policy = ParseFscryptPolicy(*bytes);
  return policy.ok() ? policy->contents + " " + policy->filenames : "not understood";
}

TEST_F(EncryptedMount, PoliciesAreTheKernels) {
  if (!AddKey()) GTEST_SKIP() << "this kernel has no fscrypt";
  ASSERT_TRUE(Encrypt(point_ / "safe", FSCRYPT_MODE_AES_256_XTS, FSCRYPT_MODE_AES_256_CTS));
  ASSERT_TRUE(Encrypt(point_ / "weak", FSCRYPT_MODE_AES_128_CBC, FSCRYPT_MODE_AES_128_CTS));
  std::ofstream(point_ / "safe/secret") << "x";
  fs::create_directory(point_ / "safe/below");
  std::ofstream(point_ / "plain") << "x";
  mkfifo((point_ / "fifo").c_str(), 0600);

  const auto env = OpenPosixEnv(RootMode::kLive, "/");
  ASSERT_TRUE(env.ok());
  EXPECT_EQ(ModesOf(**env, point_ / "safe"), "AES-256-XTS AES-256-CTS");
  EXPECT_EQ(ModesOf(**env, point_ / "safe/secret"), "AES-256-XTS AES-256-CTS");
  EXPECT_EQ(ModesOf(**env, point_ / "safe/below"), "AES-256-XTS AES-256-CTS");
  EXPECT_EQ(ModesOf(**env, point_ / "weak"), "AES-128-CBC AES-128-CTS");
  EXPECT_EQ(ModesOf(**env, point_), "none");
  EXPECT_EQ(ModesOf(**env, point_ / "plain"), "none");
  EXPECT_EQ(ModesOf(**env, "/proc/self"), "none");
  EXPECT_EQ(ModesOf(**env, point_ / "fifo"), "FAILED_PRECONDITION");
  EXPECT_EQ(ModesOf(**env, point_ / "gone"), "NOT_FOUND");
  const auto dead = OpenPosixEnv(RootMode::kDeadTree, point_);
  ASSERT_TRUE(dead.ok());
  EXPECT_EQ(ModesOf(**dead, "/safe"), "UNIMPLEMENTED");
}

TEST_F(EncryptedMount, ADataPathIsJudgedByItsOwnDirectory) {
  if (!AddKey()) GTEST_SKIP() << "this kernel has no fscrypt";
  ASSERT_TRUE(Encrypt(point_ / "safe", FSCRYPT_MODE_AES_256_XTS, FSCRYPT_MODE_AES_256_CTS));
  fs::create_directory(point_ / "open");
  fs::create_directory_symlink("../mnt/safe", point_ / "led");
  const auto env = OpenPosixEnv(RootMode::kLive, "/");
  ASSERT_TRUE(env.ok());
  Declared declared;
  for (const char* name : {"safe", "open", "led"}) {
    declared.data_paths.push_back({(point_ / name).string(), {}});
  }
  const Table table = storage_encryption_table();
  const Scan scan = ScanTable(table, **env, {.declared = declared, .constraints = {}}, nullptr);
  std::map<std::string, std::string> seen;
  for (const ValueRow& row : scan.rows) {
    std::map<std::string, std::string> cells;
    for (size_t i = 0; i < row.size(); ++i) cells[table.columns[i].name] = ValueText(row[i]);
    if (cells["kind"] != "path" && cells["subject"] != point_) continue;
    seen[fs::path(cells["subject"]).filename()] =
        cells["encrypted"] + " " + cells["method"] + " " + cells["key_bits"];
  }
  EXPECT_EQ(seen["safe"], "1 fscrypt 256");
  EXPECT_EQ(seen["led"], "1 fscrypt 256");
  EXPECT_NE(seen["open"].substr(0, 1), "1");
  EXPECT_NE(seen["mnt"].substr(0, 1), "1");
}

}  // namespace
}  // namespace tom
