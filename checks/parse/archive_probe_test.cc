#include "checks/parse/archive_probe.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace tom {
namespace {

ByteSource Source(const std::string& bytes) {
  return [bytes](uint64_t offset, size_t count) -> absl::StatusOr<std::string> {
    return offset >= bytes.size() ? std::string() : bytes.substr(offset, count);
  };
}

ArchiveProbe Probe(const std::string& bytes) {
  auto probe = ProbeArchive(Source(bytes), bytes.size());
  EXPECT_TRUE(probe.ok()) << probe.status();
  return probe.ok() ? *std::move(probe) : ArchiveProbe{};
}

// What the program writes on its standard output, or "" where it is not installed.
std::string Made(const std::string& command) {
  std::string bytes;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return bytes;
  std::array<char, 4096> chunk;
  while (const size_t got = fread(chunk.data(), 1, chunk.size(), pipe))
    bytes.append(chunk.data(), got);
  return pclose(pipe) == 0 ? bytes : std::string();
}

constexpr char kInput[] = "seq 1 200000";

TEST(ArchiveProbe, WhatProgramsWriteIsWholeAndWhatIsCutIsNot) {
  struct Case {
    const char* format;
    std::string command;
    size_t padding;  // bytes at the end that may be missing without loss
  };
  const Case cases[] = {
      {"gzip", std::string(kInput) + " | gzip -c", 0},
      {"gzip", "(seq 1 9 | gzip -c; seq 1 900 | gzip -c)", 0},
      {"xz", std::string(kInput) + " | xz -c", 0},
      {"zstd", std::string(kInput) + " | zstd -c -q", 0},
      {"zstd", std::string(kInput) + " | zstd -c -q --no-check", 0},
      {"tar", "tar -C / -cf - etc/passwd etc/group", 10240},
  };
  for (const Case& c : cases) {
    const std::string bytes = Made(c.command + " 2>/dev/null");
    if (bytes.empty()) continue;  // not installed here
    const ArchiveProbe whole = Probe(bytes);
    EXPECT_EQ(whole.format, c.format);
    EXPECT_EQ(whole.complete, true) << c.command << " " << whole.doubt;
    EXPECT_EQ(whole.encrypted, false) << c.command;
    for (const size_t cut :
         {size_t{1}, size_t{4}, size_t{100}, bytes.size() / 2, bytes.size() - 512}) {
      if (cut >= bytes.size() || (c.padding > 0 && cut <= c.padding)) continue;
      EXPECT_NE(Probe(bytes.substr(0, bytes.size() - cut)).complete, true)
          << c.command << " less " << cut;
    }
  }
}

TEST(ArchiveProbe, AFileGivenItsSizeAndNotWrittenToItsEndIsNotWhole) {
  for (const char* program : {"gzip -c", "xz -c", "zstd -c -q"}) {
    std::string bytes = Made(std::string(kInput) + " | " + program + " 2>/dev/null");
    if (bytes.empty()) continue;
    const size_t size = bytes.size();
    bytes.resize(size / 2);
    bytes.resize(size, '\0');
    EXPECT_NE(Probe(bytes).complete, true) << program;
  }
  EXPECT_EQ(Probe(std::string(100000, '\0')).complete, false);
  EXPECT_EQ(Probe(std::string(100000, '\0')).doubt, "nothing but zeros");
}

TEST(ArchiveProbe, DamageInAGzipFileIsSeen) {
  std::string bytes = Made(std::string(kInput) + " | gzip -c");
  ASSERT_FALSE(bytes.empty());
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  EXPECT_EQ(Probe(bytes).complete, false);
}

TEST(ArchiveProbe, EncryptedFormsAreKnownAndTheirEndIsNotClaimed) {
  using namespace std::string_literals;
  const std::pair<const char*, std::string> cases[] = {
      {"age", "age-encryption.org/v1\n-> X25519 x\n"},
      {"luks", "LUKS\xba\xbe\x00\x02"s},
      {"openssl", "Salted__12345678"},
  };
  for (const auto& [format, bytes] : cases) {
    const ArchiveProbe probe = Probe(bytes + std::string(5000, 'x'));
    EXPECT_EQ(probe.format, format);
    EXPECT_EQ(probe.encrypted, true) << format;
    EXPECT_FALSE(probe.complete.has_value()) << format;
    EXPECT_FALSE(probe.doubt.empty()) << format;
  }
}

TEST(ArchiveProbe, MessagesOfOpenPgpAreFollowedByTheirPackets) {
  using namespace std::string_literals;
  const std::string body(300, 'x');
  struct Case {
    std::string bytes;
    std::optional<bool> complete;
  };
  const Case cases[] = {
      {"-----BEGIN PGP MESSAGE-----\n\njA0ECQMCTk9QUVJTVFVW0gJ4eA==\n-----END PGP MESSAGE-----\n",
       true},
      {"-----BEGIN PGP MESSAGE-----\n\njA0ECQMCTk9QUVJTVFVW0gJ4eA==\n", false},
      {"\x8c\x0d\x04\x09\x03\x02NOPQRSTUV\xd2\xc0\x6c"s + body, true},
      {"\x8c\x0d\x04\x09\x03\x02NOPQRSTUV\xd2\xc0\x6c"s + body.substr(1), false},
      {"\x8c\x0d\x04\x09\x03\x02NOPQRSTUV"s, false},  // a key, and no data behind it
      {"\xc3\x0d\x04\x09\x03\x02NOPQRSTUV\xd2\xe8"s + body.substr(0, 256) + "\x05xxxxx", true},
      {"\xc3\x0d\x04\x09\x03\x02NOPQRSTUV\xd2\xe8"s + body.substr(0, 256), false},
      {"\xc3\x0d\x04\x09\x03\x02NOPQRSTUV\xa7"s + body, std::nullopt},  // of indefinite length
  };
  for (const Case& c : cases) {
    const ArchiveProbe probe = Probe(c.bytes);
    EXPECT_EQ(probe.format, "gpg");
    EXPECT_EQ(probe.encrypted, true);
    EXPECT_EQ(probe.complete, c.complete) << c.bytes.substr(0, 40) << " " << probe.doubt;
  }
}

TEST(ArchiveProbe, WhatIsInACompressedFileHasAnEndToo) {
  const std::string dump = "-- MySQL dump 10\nINSERT 1;\n";
  struct Case {
    std::string command;
    const char* content;
    bool complete;
  };
  const Case cases[] = {
      {"printf -- '" + dump + "-- Dump completed\n' | gzip -c", "sql", true},
      {"printf -- '" + dump + "' | gzip -c", "sql", false},
      {"printf -- '" + dump + "' | bzip2 -c", "sql", false},
      {"printf -- '" + dump + "-- Dump completed\n' | lz4 -c", "sql", true},
      {"tar -C / -cf - etc/passwd | zstd -c -q", "tar", true},
      {"tar -C / -cf - etc/passwd | head -c 700 | xz -c", "tar", false},
      {"seq 1 300000 | bzip2 -c", "", true},
      {"seq 1 300000 | lz4 -c", "", true},
      {"(seq 1 9 | bzip2 -c; seq 1 9 | bzip2 -c)", "", true},
      {"(seq 1 9 | xz -c; seq 1 9 | xz -c)", "", true},
      {"seq 1 300000 | bzip2 -c | head -c 90000", "", false},
      {"gzip -c </dev/null", "", false},
      {"(echo x; head -c 3000000 /dev/zero) | xz -9 -c", "", true},
      {"head -c 3000000 /dev/zero | xz -9 -c", "", false},
      {"(echo x; head -c 30000000 /dev/zero) | zstd -q -19 --long=25 -c", "", true},
  };
  for (const Case& c : cases) {
    const std::string bytes = Made(c.command + " 2>/dev/null");
    ASSERT_FALSE(bytes.empty()) << c.command;
    const ArchiveProbe probe = Probe(bytes);
    EXPECT_EQ(probe.content, c.content) << c.command;
    EXPECT_EQ(probe.complete, c.complete) << c.command << " " << probe.doubt;
  }
}

TEST(ArchiveProbe, ADamagedByteInTheMiddleIsSeenInEveryCompression) {
  for (const char* program : {"gzip -c", "bzip2 -c", "xz -c", "zstd -c -q", "lz4 -c"}) {
    std::string bytes = Made(std::string(kInput) + " | " + program + " 2>/dev/null");
    ASSERT_FALSE(bytes.empty()) << program;
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
    EXPECT_EQ(Probe(bytes).complete, false) << program;
  }
}

TEST(ArchiveProbe, ZipAnd7zSayWhetherTheirFilesAreEncrypted) {
  char folder[] = "/tmp/probe_XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  struct Case {
    const char* command;
    std::optional<bool> encrypted;
  };
  const Case cases[] = {
      {"zip -q a.zip f", false},
      {"zip -q -P secret a.zip f", std::nullopt},  // by a cipher that is broken
      {"7z a -bso0 -bsp0 -tzip -mem=AES256 -psecret a.zip f", true},
      {"zip -q -P secret a.zip f && zip -q a.zip g", false},
      {"7z a -bso0 -bsp0 -psecret -mhe=on a.7z f", true},
      {"7z a -bso0 -bsp0 -mhc=off -psecret a.7z f", true},
      {"7z a -bso0 -bsp0 -mhc=off a.7z f", false},
  };
  for (const Case& c : cases) {
    const std::string bytes =
        Made("cd " + std::string(folder) + " && rm -f a.* && seq 1 9000 >f && seq 1 99 >g && " +
             c.command + " && cat a.*");
    ASSERT_FALSE(bytes.empty()) << c.command;
    EXPECT_EQ(Probe(bytes).encrypted, c.encrypted) << c.command;
    const bool zip = bytes.starts_with("PK");
    EXPECT_EQ(Probe(bytes).complete, zip ? std::optional<bool>(true) : std::nullopt) << c.command;
    EXPECT_EQ(Probe(bytes).doubt.empty(), zip) << c.command;
    EXPECT_EQ(Probe(bytes.substr(0, bytes.size() - 7)).complete, false) << c.command;
  }
  EXPECT_EQ(std::system(("rm -r " + std::string(folder)).c_str()), 0);
}

// What `command` writes over the files f (of lines) and d/g, with `flip` one byte in its middle
// changed.
std::string MadeOfFiles(const std::string& command, bool flip = false) {
  char folder[] = "/tmp/probe_XXXXXX";
  if (mkdtemp(folder) == nullptr) return "";
  std::string bytes =
      Made("cd " + std::string(folder) +
           " && seq 1 60000 >f && mkdir d && seq 1 99 >d/g && exec 2>/dev/null; " + command);
  if (flip && !bytes.empty()) {
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x41);
  }
  EXPECT_EQ(std::system(("rm -rf " + std::string(folder)).c_str()), 0);
  return bytes;
}

TEST(ArchiveProbe, AZipArchiveIsReadThroughToTheSumsOfItsFiles) {
  for (const char* command :
       {"zip -qr - f d", "zip -qr0 a.zip f d; cat a.zip", "zip -qr a.zip f d; cat a.zip",
        "zip -qr -fz a.zip f d; cat a.zip", "cat f | zip -q a.zip -; cat a.zip"}) {
    const std::string bytes = MadeOfFiles(command);
    ASSERT_FALSE(bytes.empty()) << command;
    EXPECT_EQ(Probe(bytes).complete, true) << command << " " << Probe(bytes).doubt;
    EXPECT_EQ(Probe(MadeOfFiles(command, true)).complete, false) << command;
    std::string hole = bytes;
    hole.replace(hole.size() / 2, 600, std::string(600, '\0'));
    EXPECT_EQ(Probe(hole).complete, false) << command;
    EXPECT_EQ(Probe(bytes + "more").complete, false) << command;
  }
  const std::string lzma = MadeOfFiles("7z a -bso0 -bsp0 -tzip -mm=LZMA a.zip f; cat a.zip");
  ASSERT_FALSE(lzma.empty());
  EXPECT_FALSE(Probe(lzma).complete.has_value());
}

TEST(ArchiveProbe, WhatIsInACompressedFileIsFollowedByItsOwnStructure) {
  struct Case {
    const char* command;
    const char* content;
    std::optional<bool> complete;
  };
  const Case cases[] = {
      {"find . | cpio -oH newc | gzip -c", "cpio", true},
      {"find . | cpio -oH newc | head -c 2000 | gzip -c", "cpio", false},
      {"tar cf - -T /dev/null | gzip -c", "", false},
      {"tar cSf - f d | gzip -c", "tar", true},
      {"truncate -s 20M s; for i in 1 2 3 4 5 6; do echo x | dd of=s bs=1 seek=${i}000000 "
       "conv=notrunc; "
       "done; tar cSf - --format=gnu s f | zstd -q",
       "tar", true},
      {"zip -q - f | gzip -c", "zip", std::nullopt},
      {"gzip -c f | gzip -c", "gzip", std::nullopt},
      {"sqlite3 a 'create table t(a); insert into t values(randomblob(90000))'; gzip -c a",
       "sqlite", true},
      {"sqlite3 a 'create table t(a); insert into t values(randomblob(90000))'; head -c 50000 a | "
       "gzip -c",
       "sqlite", false},
      {"(echo -- MySQL dump 10; head -c 5000 /dev/zero; echo; echo -- Dump completed) | xz -c",
       "sql", false},
  };
  for (const Case& c : cases) {
    const std::string bytes = MadeOfFiles(c.command);
    ASSERT_FALSE(bytes.empty()) << c.command;
    const ArchiveProbe probe = Probe(bytes);
    EXPECT_EQ(probe.content, c.content) << c.command;
    EXPECT_EQ(probe.complete, c.complete) << c.command << " " << probe.doubt;
  }
}

TEST(ArchiveProbe, FramesThatArePassedOverAndPaddingAreAsTheProgramsTakeThem) {
  struct Case {
    const char* command;
    const char* format;
    bool complete;
  };
  const Case cases[] = {
      {"(printf 'S*M\\030\\005\\000\\000\\000hello'; zstd -qc f)", "zstd", true},
      {"(zstd -qc f; printf 'S*M\\030\\005\\000\\000\\000hello')", "zstd", true},
      {"(zstd -qc f; printf 'S*M\\030\\005\\000\\000\\000hel')", "zstd", false},
      {"(printf 'S*M\\030\\005\\000\\000\\000hello'; lz4 -qc f)", "lz4", true},
      {"(xz -c f; head -c 4 /dev/zero; xz -c f; head -c 8 /dev/zero)", "xz", true},
      {"(xz -c f; head -c 3 /dev/zero)", "xz", false},
      {"(gzip -c f; head -c 1000 /dev/zero)", "gzip", true},
      {"(gzip -c f; echo more)", "gzip", false},
  };
  for (const Case& c : cases) {
    const std::string bytes = MadeOfFiles(c.command);
    ASSERT_FALSE(bytes.empty()) << c.command;
    const ArchiveProbe probe = Probe(bytes);
    EXPECT_EQ(probe.format, c.format) << c.command;
    EXPECT_EQ(probe.complete, c.complete) << c.command << " " << probe.doubt;
  }
}

TEST(ArchiveProbe, WhatIsOnlySignedOrPackedIsNotEncrypted) {
  const std::string gpg =
      "export GNUPGHOME=$PWD/h; mkdir -m 700 h; gpg --batch -q --passphrase '' "
      "--quick-gen-key t@example.org default default never; ";
  const std::string end = "; gpgconf --kill all";
  struct Case {
    const char* command;
    std::optional<bool> encrypted;
    std::optional<bool> complete;
  };
  const Case cases[] = {
      {"gpg --batch -q --armor --sign -o - f", false, std::nullopt},
      {"gpg --batch -q --armor --store -o - f", false, std::nullopt},
      {"gpg --batch -q --trust-model always -a -e -r t@example.org -o - f", true, true},
      {"gpg --batch -q --trust-model always -e -r t@example.org -o - f", true, true},
      {"gpg --batch -q --trust-model always -a -e -r t@example.org -o - f | sed 100,120d", true,
       false},
      {"gpg --batch -q --trust-model always -e -r t@example.org -o - f | head -c 271", true, false},
  };
  for (const Case& c : cases) {
    const std::string bytes = MadeOfFiles(gpg + c.command + end);
    ASSERT_FALSE(bytes.empty()) << c.command;
    const ArchiveProbe probe = Probe(bytes);
    EXPECT_EQ(probe.format, "gpg") << c.command;
    EXPECT_EQ(probe.encrypted, c.encrypted) << c.command;
    EXPECT_EQ(probe.complete, c.complete) << c.command << " " << probe.doubt;
  }
}

TEST(ArchiveProbe, AHoleInWhatIsEncryptedIsSeenHoweverLarge) {
  using namespace std::string_literals;
  const std::string head = "age-encryption.org/v1\n-> X25519 x\n" + std::string(8000, 'x');
  const ByteSource sparse = [&](uint64_t offset, size_t count) -> absl::StatusOr<std::string> {
    std::string bytes(count, '\0');
    for (size_t i = 0; i < count && offset + i < head.size(); ++i) bytes[i] = head[offset + i];
    return bytes;
  };
  const auto probe = ProbeArchive(sparse, uint64_t{1} << 40);
  ASSERT_TRUE(probe.ok());
  EXPECT_EQ(probe->complete, false);
  EXPECT_EQ(probe->doubt, "a stretch of nothing but zeros is in it");
}

TEST(ArchiveProbe, WhatIsNotKnownIsNotClaimed) {
  const ArchiveProbe probe = Probe("plain words, again and again");
  EXPECT_EQ(probe.format, "unknown");
  EXPECT_FALSE(probe.encrypted.has_value());
  EXPECT_FALSE(probe.complete.has_value());
}

TEST(ArchiveProbe, DumpsSayThatTheyAreComplete) {
  const std::string start = "--\n-- PostgreSQL database dump\n--\nCREATE TABLE t();\n";
  EXPECT_EQ(Probe(start + "\n--\n-- PostgreSQL database dump complete\n--\n").complete, true);
  EXPECT_EQ(Probe(start).complete, false);
  EXPECT_EQ(Probe("-- MySQL dump 10\nINSERT 1;\n-- Dump completed on 2026\n").complete, true);
  const std::string sandbox = "/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19\n";
  EXPECT_EQ(Probe(sandbox).complete, false);
  EXPECT_EQ(Probe(sandbox + "\n-- Dump completed on 2026\n").complete, true);
}

TEST(ArchiveProbe, AReadErrorIsAnError) {
  const ByteSource broken = [](uint64_t, size_t) -> absl::StatusOr<std::string> {
    return absl::UnavailableError("EIO");
  };
  EXPECT_FALSE(ProbeArchive(broken, 100).ok());
}

}  // namespace
}  // namespace tom
