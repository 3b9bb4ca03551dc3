// Headers that cryptsetup itself writes, with `cryptsetup luksDump` as the judge of ours; what it
// cannot write without a device mapper is patched by hand from those.
#include "checks/parse/luks_header.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <functional>
#include <regex>
#include <sstream>

#include "evidence/digest.h"

namespace tom {
namespace {

constexpr size_t kBinaryBytes = 4096;

class Folder {
 public:
  Folder() {
    std::string pattern = testing::TempDir() + "luksXXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() {
    unlink((path_ + "/image").c_str());
    rmdir(path_.c_str());
  }
  std::string image() const { return path_ + "/image"; }

 private:
  std::string path_;
};

std::string Output(const std::string& command) {
  std::string output;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> buffer;
  while (const size_t got = fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), got);
  }
  return pclose(pipe) == 0 ? output : "FAILED: " + output;
}

std::string Bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

// A fresh image; empty when cryptsetup could not make it.
std::string Format(const Folder& folder, const std::string& options) {
  const std::string made = Output(
      "truncate -s 0 " + folder.image() + " && truncate -s 20M " + folder.image() +
      " && printf secret | cryptsetup -q luksFormat --pbkdf pbkdf2 --pbkdf-force-iterations 1000 " +
      options + " " + folder.image() + " -");
  EXPECT_EQ(made.find("FAILED"), std::string::npos) << options << ": " << made;
  return Bytes(folder.image());
}

// What luksDump prints behind `label`, LUKS1 and LUKS2 alike.
std::string Dumped(const std::string& dump, const std::string& label) {
  std::smatch found;
  return std::regex_search(dump, found, std::regex(label + "\\s*([^\\s]+)")) ? found[1].str() : "";
}

std::string Reseal(std::string image, size_t at, size_t copy_bytes) {
  image.replace(at + 448, 64, 64, '\0');
  image.replace(at + 448, 32, Sha256(image.substr(at, copy_bytes)).Raw());
  return image;
}

constexpr size_t kCopyBytes = 16384;  // luksFormat's default

// Both copies with their JSON changed by `edit`, padded and with good checksums.
std::string EditJson(std::string image, const std::function<void(std::string&)>& edit) {
  for (const size_t at : {size_t{0}, kCopyBytes}) {
    const size_t area = kCopyBytes - kBinaryBytes;
    std::string json = image.substr(at + kBinaryBytes, area);
    json.resize(json.find('\0'));
    edit(json);
    EXPECT_LE(json.size(), area);
    json.resize(area, '\0');
    image = Reseal(image.replace(at + kBinaryBytes, area, json), at, kCopyBytes);
  }
  return image;
}

std::function<void(std::string&)> Replace(const std::string& from, const std::string& to) {
  return [=](std::string& json) {
    size_t count = 0;
    for (size_t at = 0; (at = json.find(from, at)) != std::string::npos; at += to.size(), ++count) {
      json.replace(at, from.size(), to);
    }
    EXPECT_GT(count, 0u) << from << " is not in " << json;
  };
}

void Overwrite(std::string& image, size_t at, const std::string& text) {
  image.replace(at, text.size(), text);
}

TEST(LuksHeader, AgreesWithCryptsetup) {
  struct Case {
    const char* options;
    int bits;
    const char* algorithm;
  };
  const Case cases[] = {
      {"--type luks1", 256, "AES-256-XTS"},
      {"--type luks1 -c aes-xts-plain64 -s 256", 128, "AES-128-XTS"},
      {"--type luks1 -c aes-cbc-essiv:sha256 -s 256", 256, "AES-256-CBC"},
      {"--type luks1 -c aes-cbc-plain -s 128", 128, "AES-128-CBC"},
      {"--type luks2", 256, "AES-256-XTS"},
      {"--type luks2 -c aes-xts-plain64 -s 256", 128, "AES-128-XTS"},
      {"--type luks2 -c aes-xts-plain64 -s 512 --sector-size 4096", 256, "AES-256-XTS"},
      {"--type luks2 -c aes-cbc-essiv:sha256 -s 128", 128, "AES-128-CBC"},
      {"--type luks2 -c aes-ecb -s 256", 256, "AES-256-ECB"},
      {"--type luks2 --luks2-metadata-size 64k", 256, "AES-256-XTS"},
  };
  const Folder folder;
  for (const Case& c : cases) {
    const std::string image = Format(folder, c.options);
    const size_t wanted = LuksHeaderBytes(image.substr(0, kLuksStartBytes));
    ASSERT_LE(wanted, image.size()) << c.options;
    EXPECT_LT(wanted, kMaxLuksBytes) << c.options;
    const auto header = ParseLuksHeader(image.substr(0, wanted));
    ASSERT_TRUE(header.ok()) << c.options << ": " << header.status();
    const std::string dump = Output("cryptsetup luksDump " + folder.image());
    EXPECT_EQ(std::to_string(header->version), Dumped(dump, "Version:")) << dump;
    EXPECT_EQ(header->uuid, Dumped(dump, "UUID:")) << dump;
    const std::string bits = std::to_string(header->key_bytes * 8);
    if (header->version == 1) {
      EXPECT_EQ(header->cipher, Dumped(dump, "Cipher name:")) << dump;
      EXPECT_EQ(header->mode, Dumped(dump, "Cipher mode:")) << dump;
      EXPECT_EQ(bits, Dumped(dump, "MK bits:")) << dump;
    } else {
      EXPECT_EQ(header->cipher + "-" + header->mode, Dumped(dump, "cipher:")) << dump;
      EXPECT_EQ(bits, Dumped(dump, "Cipher key:")) << dump;
    }
    EXPECT_EQ(header->strength.bits.value_or(-1), c.bits) << c.options;
    EXPECT_EQ(header->strength.algorithm, c.algorithm) << c.options;
    EXPECT_EQ(header->copy, "primary") << c.options;
    EXPECT_EQ(header->note, "") << c.options;
  }
}

TEST(LuksHeader, ReadsLuks1CiphersThatCryptsetupCannotWriteHere) {
  const Folder folder;
  const std::string image = Format(folder, "--type luks1");
  struct Case {
    std::string cipher;
    std::string mode;
    int bits;
  };
  const Case cases[] = {{"serpent", "xts-plain64", 256},
                        {"twofish", "xts-plain64", 256},
                        {"cipher_null", "ecb", 0},
                        {"xchacha20,aes", "adiantum-plain64", -1},  // 64 bytes are no key of it
                        {"made-up", "xts-plain64", -1}};
  for (Case c : cases) {
    std::string patched = image;
    Overwrite(patched, 8, c.cipher + std::string(32 - c.cipher.size(), '\0'));
    Overwrite(patched, 40, c.mode + std::string(32 - c.mode.size(), '\0'));
    const auto header = ParseLuksHeader(patched.substr(0, 4096));
    ASSERT_TRUE(header.ok()) << c.cipher << ": " << header.status();
    EXPECT_EQ(header->cipher, c.cipher);
    EXPECT_EQ(header->mode, c.mode);
    EXPECT_EQ(header->strength.bits.value_or(-1), c.bits) << c.cipher;
  }
}

TEST(LuksHeader, ReadsLuks2SegmentsOfEveryKind) {
  const Folder folder;
  const std::string image = Format(folder, "--type luks2");
  const std::string encryption = "\"encryption\":\"aes-xts-plain64\"";
  const auto with = [&](const std::string& text) { return Replace(encryption, text); };
  struct Case {
    const char* name;
    std::function<void(std::string&)> edit;
    int bits;
  };
  const Case cases[] = {
      {"cipher_null", with("\"encryption\":\"cipher_null-ecb\""), 0},
      {"serpent", with("\"encryption\":\"serpent-xts-plain64\""), 256},
      {"kernel's spelling", with("\"encryption\":\"capi:xts(aes)-plain64\""), 256},
      {"unknown cipher", with("\"encryption\":\"rot13-xts-plain64\""), -1},
      {"the integrity key is not the cipher's",
       [&](std::string& json) {
         with(encryption + ",\"integrity\":{\"type\":\"hmac(sha256)\"}")(json);
         Replace("\"key_size\":64,\"af\"", "\"key_size\":96,\"af\"")(json);
       },
       256},
      {"an authenticated cipher's key is all its own",
       with(encryption + ",\"integrity\":{\"type\":\"aead\"}"), 256},
      {"unknown integrity", with(encryption + ",\"integrity\":{\"type\":\"new(x)\"}"), -1},
      {"half encrypted",
       Replace("\"segments\":{\"0\":",
               "\"segments\":{\"1\":{\"type\":\"linear\",\"offset\":\"0\","
               "\"size\":\"512\"},\"0\":"),
       0},
      {"a copy kept by re-encryption is not in use",
       Replace("\"segments\":{\"0\":",
               "\"segments\":{\"1\":{\"type\":\"linear\",\"offset\":\"0\",\"size\":\"512\","
               "\"flags\":[\"backup-previous\"]},\"0\":"),
       256},
      {"no key slot is left", Replace("\"keyslots\":[\"0\"]", "\"keyslots\":[]"), -1},
      {"the digest names another segment", Replace("\"segments\":[\"0\"]", "\"segments\":[\"7\"]"),
       -1},
  };
  for (const Case& c : cases) {
    const auto header = ParseLuksHeader(EditJson(image, c.edit));
    ASSERT_TRUE(header.ok()) << c.name << ": " << header.status();
    EXPECT_EQ(header->strength.bits.value_or(-1), c.bits) << c.name;
  }
}

TEST(LuksHeader, SaysWhatItDoesNotUnderstand) {
  const Folder folder;
  const std::string image = Format(folder, "--type luks2");
  const std::string deep = std::string(2000, '[');
  struct Case {
    std::function<void(std::string&)> edit;
    const char* message;
  };
  const Case cases[] = {
      {Replace("\"type\":\"crypt\"", "\"type\":\"hw-opal\""), "type hw-opal is not known"},
      {Replace("\"segments\":{", "\"segmentz\":{"), "no object \"segments\""},
      {Replace("\"json_size\":\"12288\"", "\"json_size\":\"1\""), "config.json_size"},
      {Replace("\"key_size\":64,\"af\"", "\"key_size\":-1,\"af\""), "key_size is not a size"},
      {[&](std::string& json) { json = deep; }, "nested too deep"},
      {[](std::string& json) { json = "{"; }, "not JSON"},
      {[](std::string& json) { json.clear(); }, "not JSON"},
      {Replace("\"encryption\":\"aes-xts-plain64\"", "\"encryption\":\"\""), "no cipher"},
  };
  for (const Case& c : cases) {
    const auto header = ParseLuksHeader(EditJson(image, c.edit));
    ASSERT_FALSE(header.ok()) << c.message;
    EXPECT_NE(header.status().message().find(c.message), std::string::npos) << header.status();
  }
}

TEST(LuksHeader, ADamagedCopyIsReplacedAndSaid) {
  const Folder folder;
  const std::string image = Format(folder, "--type luks2 -s 256");
  struct Case {
    const char* name;
    std::function<void(std::string&)> damage;
    const char* copy;
    const char* note;
  };
  const Case cases[] = {
      {"bit in the JSON", [](std::string& i) { i[5000] ^= 1; }, "secondary",
       "the primary copy is damaged: its checksum is wrong"},
      {"checksum", [](std::string& i) { i[450] ^= 1; }, "secondary", "its checksum is wrong"},
      {"first block lost", [](std::string& i) { Overwrite(i, 0, std::string(512, '\0')); },
       "secondary", "no magic"},
      {"size", [](std::string& i) { i[14] = 1; }, "secondary", "not one that LUKS2 has"},
      {"another sane size", [](std::string& i) { i[14] = '\x80'; }, "secondary", "checksum"},
      {"secondary", [](std::string& i) { i[kCopyBytes + 5000] ^= 1; }, "primary",
       "the secondary copy is damaged: its checksum is wrong"},
      {"older primary",
       [](std::string& i) {
         i[kCopyBytes + 23] = 99;
         i = Reseal(i, kCopyBytes, kCopyBytes);
       },
       "secondary", "the two copies are of different age"},
  };
  for (const Case& c : cases) {
    std::string damaged = image;
    c.damage(damaged);
    const auto header = ParseLuksHeader(damaged.substr(0, kMaxLuksBytes));
    ASSERT_TRUE(header.ok()) << c.name << ": " << header.status();
    EXPECT_EQ(header->copy, c.copy) << c.name;
    EXPECT_NE(header->note.find(c.note), std::string::npos) << c.name << ": " << header->note;
    EXPECT_EQ(header->strength.bits.value_or(-1), 128) << c.name;
  }
}

TEST(LuksHeader, BothCopiesDamagedIsAnError) {
  const Folder folder;
  std::string image = Format(folder, "--type luks2");
  image[5000] ^= 1;
  image[kCopyBytes + 5000] ^= 1;
  const auto header = ParseLuksHeader(image);
  ASSERT_FALSE(header.ok());
  EXPECT_EQ(header.status().message(),
            "LUKS2: primary copy: its checksum is wrong; secondary copy: its checksum is wrong");
}

TEST(LuksHeader, ACutOrForeignStartIsAnErrorAtEveryLength) {
  const Folder folder;
  for (const char* type : {"--type luks1", "--type luks2"}) {
    const std::string image = Format(folder, type);
    const size_t whole = std::string(type) == "--type luks1" ? 592 : kCopyBytes;
    for (size_t size = 0; size < whole; size += size < 700 ? 1 : 509) {
      EXPECT_FALSE(ParseLuksHeader(image.substr(0, size)).ok()) << type << " " << size;
    }
  }
  EXPECT_TRUE(absl::IsNotFound(ParseLuksHeader(std::string(1 << 20, '\0')).status()));
  EXPECT_EQ(LuksHeaderBytes(std::string(4096, '\0')), kMaxLuksBytes);
}

TEST(LuksHeader, KeySlotsAreThoseThatCryptsetupDumps) {
  struct Case {
    const char* options;
    const char* kdf;
    const char* hash;
    int64_t iterations;
    int64_t memory;
  };
  const Case cases[] = {
      {"--type luks1 --hash sha1", "pbkdf2", "sha1", -1, -1},
      {"--type luks2 --hash sha512", "pbkdf2", "sha512", -1, -1},
      {"--type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 4321", "pbkdf2", "sha256", 4321, -1},
      {"--type luks2 --pbkdf argon2id --pbkdf-force-iterations 5 --pbkdf-memory 3200 "
       "--pbkdf-parallel 1",
       "argon2id", "", 5, 3200},
      {"--type luks2 --pbkdf argon2i --pbkdf-force-iterations 4 --pbkdf-memory 32", "argon2i", "",
       4, 32},
  };
  const Folder folder;
  for (const Case& c : cases) {
    const auto header = ParseLuksHeader(Format(folder, c.options));
    ASSERT_TRUE(header.ok()) << c.options << ": " << header.status();
    ASSERT_EQ(header->slots.size(), 1u) << c.options;
    const LuksKeySlot& slot = header->slots[0];
    EXPECT_EQ(slot.id, "0");
    EXPECT_TRUE(slot.opens) << c.options;
    EXPECT_EQ(slot.kdf, c.kdf) << c.options;
    EXPECT_EQ(slot.hash, c.hash) << c.options;
    const std::string dump = Output("cryptsetup luksDump " + folder.image());
    const std::string label = header->version == 1   ? "Slot 0: ENABLED\\s+Iterations:"
                              : slot.kdf == "pbkdf2" ? "PBKDF:\\s+pbkdf2[^#]*?Iterations:"
                                                     : "Time cost:";
    EXPECT_EQ(std::to_string(slot.iterations.value_or(-1)), Dumped(dump, label)) << dump;
    if (c.iterations > 0) {
      EXPECT_EQ(slot.iterations, c.iterations);
    }
    EXPECT_EQ(slot.memory_kib.value_or(-1), c.memory) << c.options;
    if (c.memory > 0) {
      EXPECT_EQ(std::to_string(c.memory), Dumped(dump, "Memory:")) << dump;
      EXPECT_EQ(std::to_string(slot.lanes.value_or(-1)), Dumped(dump, "Threads:")) << dump;
    }
    EXPECT_FALSE(header->reencrypting);
    EXPECT_FALSE(header->allows_discards);
  }
}

TEST(LuksHeader, TellsCopiesFlagsAndTokens) {
  const Folder folder;
  const std::string image = Format(folder, "--type luks2 --label secrets");
  const auto fresh = ParseLuksHeader(image);
  ASSERT_TRUE(fresh.ok()) << fresh.status();
  EXPECT_EQ(fresh->label, "secrets");
  EXPECT_EQ(fresh->primary_problem + fresh->secondary_problem, "");
  EXPECT_TRUE(fresh->primary_sequence.has_value());
  EXPECT_EQ(fresh->primary_sequence, fresh->secondary_sequence);

  const std::string config = "\"config\":{";
  const auto marked = ParseLuksHeader(EditJson(image, [&](std::string& json) {
    Replace(config, config + R"("flags":["allow-discards"],"requirements":{"mandatory":)"
                             R"(["online-reencrypt-v2"]},)")(json);
    Replace("\"tokens\":{}", R"("tokens":{"0":{"type":"systemd-tpm2","keyslots":["0"]}})")(json);
  }));
  ASSERT_TRUE(marked.ok()) << marked.status();
  EXPECT_TRUE(marked->allows_discards);
  EXPECT_TRUE(marked->reencrypting);
  EXPECT_EQ(marked->slots.at(0).token, "systemd-tpm2");

  const auto unbound =
      ParseLuksHeader(EditJson(image, Replace("\"segments\":[\"0\"]", "\"segments\":[]")));
  ASSERT_TRUE(unbound.ok()) << unbound.status();
  EXPECT_FALSE(unbound->slots.at(0).opens);

  std::string other = image;
  other[kCopyBytes + kBinaryBytes + 11000] = '\1';
  const auto differing = ParseLuksHeader(Reseal(other, kCopyBytes, kCopyBytes));
  ASSERT_TRUE(differing.ok()) << differing.status();
  EXPECT_NE(differing->note.find("say different things"), std::string::npos);
}

TEST(LuksHeader, ALuks1SlotWithoutAStateIsSaid) {
  const Folder folder;
  std::string image = Format(folder, "--type luks1");
  Overwrite(image, 208 + 3 * 48, "abcd");
  const auto header = ParseLuksHeader(image);
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(header->primary_problem, "key slot 3 is neither in use nor free");
  EXPECT_EQ(header->slots.size(), 1u);
}

}  // namespace
}  // namespace tom
