#include "evidence/pack_reader.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <functional>

#include "evidence/asice.h"
#include "evidence/test_zip.h"

namespace tom {
namespace {

const char kMime[] = "application/vnd.etsi.asic-e+zip";

std::string TempFile(const std::string& name) { return ::testing::TempDir() + "/" + name; }

absl::StatusOr<PackReader> OpenBytes(const std::string& bytes) {
  const std::string path = TempFile("reader.asice");
  WriteTestFile(path, bytes);
  return PackReader::Open(path);
}

// Opens the container and reads all of it, as the verifier does.
absl::Status ReadAll(const std::string& bytes) {
  auto reader = OpenBytes(bytes);
  if (!reader.ok()) return reader.status();
  for (const std::string& name : reader->names()) {
    if (auto digest = reader->DigestOf(name); !digest.ok()) return digest.status();
  }
  return absl::OkStatus();
}

TestFiles Small() { return {{"mimetype", kMime}, {"a/b.txt", "hello"}, {"empty", ""}}; }

TEST(PackReader, ReadsWhatWasWritten) {
  auto reader = OpenBytes(TestZip(Small()));
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ(reader->names(), (std::vector<std::string>{"mimetype", "a/b.txt", "empty"}));
  EXPECT_EQ(reader->Read("a/b.txt").value(), "hello");
  EXPECT_EQ(reader->Read("empty").value(), "");
  EXPECT_EQ(reader->DigestOf("a/b.txt").value(), Sha256("hello"));
  EXPECT_FALSE(reader->Read("a/b.txt", 4).ok());
  EXPECT_EQ(reader->Read("missing").status().code(), absl::StatusCode::kNotFound);
}

TEST(PackReader, NoFlippedBitPasses) {
  const std::string good = TestZip(Small());
  ASSERT_TRUE(ReadAll(good).ok());
  for (size_t at = 0; at < good.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
      EXPECT_FALSE(ReadAll(bad).ok()) << "byte " << at << " bit " << bit;
    }
  }
}

TEST(PackReader, NoTruncationOrAdditionPasses) {
  const std::string good = TestZip(Small());
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_FALSE(ReadAll(good.substr(0, length)).ok()) << "cut to " << length;
  }
  EXPECT_FALSE(ReadAll(good + "x").ok());
  EXPECT_FALSE(ReadAll("x" + good).ok());
  EXPECT_FALSE(ReadAll(good + good).ok());
}

TEST(PackReader, RefusesOddNames) {
  const std::string names[] = {"../x",
                               "/x",
                               "a//b",
                               "a/../b",
                               "./a",
                               "a/",
                               "",
                               "a\\b",
                               "a b",
                               "a\tb",
                               std::string("a\0b", 3),
                               "caf\xc3\xa9",
                               "C:x",
                               std::string(201, 'a'),
                               "~x",
                               "a/.",
                               "%2e"};
  for (const std::string& name : names) {
    EXPECT_FALSE(CheckPackName(name).ok()) << name;
    EXPECT_FALSE(ReadAll(TestZip({{"mimetype", kMime}, {name, "x"}})).ok()) << name;
  }
  EXPECT_TRUE(CheckPackName("evidence/blobs/..a").ok());
}

TEST(PackReader, RefusesTwinsAndForeignMimetypes) {
  const TestFiles cases[] = {
      {{"mimetype", kMime}, {"a", "1"}, {"a", "1"}},
      {{"mimetype", kMime}, {"a", "1"}, {"A", "1"}},
      {{"a", "1"}, {"mimetype", kMime}},
      {{"mimetype", std::string(kMime) + "\n"}},
      {{"mimetype", "application/zip"}},
      {{"Mimetype", kMime}},
      {},
  };
  for (const TestFiles& files : cases) {
    EXPECT_FALSE(ReadAll(TestZip(files)).ok()) << files.size() << " entries";
  }
}

// `bytes` with the 16-bit field at `offset` set.
std::string With16(std::string bytes, size_t offset, int value) {
  bytes[offset] = static_cast<char>(value & 0xff);
  bytes[offset + 1] = static_cast<char>(value >> 8);
  return bytes;
}

TEST(PackReader, RefusesHiddenAndOverlappingEntries) {
  const TestFiles three = Small();
  const std::string good = TestZip(three);
  const size_t directory = zip::Read32(good, good.size() - 6);
  // A local entry that no directory record names.
  const std::string hidden = zip::LocalHeader("hidden", TestCrc("h"), 1) + "h";
  std::string records = good.substr(directory, good.size() - directory - zip::kEndBytes);
  const auto moved = static_cast<uint32_t>(directory + hidden.size());
  EXPECT_FALSE(ReadAll(good.substr(0, directory) + hidden + records +
                       zip::EndRecord(3, static_cast<uint32_t>(records.size()), moved))
                   .ok());
  // Two records over one local entry.
  const std::string first = zip::CentralHeader("mimetype", TestCrc(kMime), 31, 0);
  const std::string twice = first + first;
  const std::string local = good.substr(0, zip::kLocalBytes + 8 + 31);
  EXPECT_FALSE(ReadAll(local + twice +
                       zip::EndRecord(2, static_cast<uint32_t>(twice.size()),
                                      static_cast<uint32_t>(local.size())))
                   .ok());
}

TEST(PackReader, RefusesFeaturesThatPacksDoNotUse) {
  const std::string good = TestZip(Small());
  const size_t directory = zip::Read32(good, good.size() - 6);
  const struct {
    const char* what;
    size_t local, central;
    int value;
  } cases[] = {
      {"deflate", 8, 10, 8},       {"encryption", 6, 8, 1}, {"data descriptor", 6, 8, 8},
      {"utf-8 flag", 6, 8, 0x800}, {"time", 10, 12, 1},     {"date", 12, 14, 0x5000},
      {"version", 4, 6, 45},
  };
  for (const auto& c : cases) {
    const std::string bad = With16(With16(good, c.local, c.value), directory + c.central, c.value);
    EXPECT_FALSE(ReadAll(bad).ok()) << c.what;
  }
  EXPECT_FALSE(ReadAll(With16(good, directory + 40, 0120777)).ok()) << "symbolic link";
  EXPECT_FALSE(ReadAll(With16(good, directory + 40, 0104755)).ok()) << "set-user-id";
  EXPECT_FALSE(ReadAll(With16(good, good.size() - 2, 1) + "c").ok()) << "comment";
}

TEST(PackReader, SaysWhatIsNoFile) {
  EXPECT_EQ(PackReader::Open(TempFile("not-there")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(PackReader::Open(::testing::TempDir()).status().code(),
            absl::StatusCode::kFailedPrecondition);
  const std::string fifo = TempFile("reader.fifo");
  unlink(fifo.c_str());
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(PackReader::Open(fifo).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Manifest, NamesTheFileThatDiffers) {
  const std::vector<NamedDigest> files = {{"a.txt", Sha256("a")}, {"b.txt", Sha256("b")}};
  const std::string good = RenderManifest(files);
  EXPECT_TRUE(CompareManifest(good, good).ok());
  std::vector<NamedDigest> changed = files;
  changed[1].second = Sha256("c");
  const absl::Status status = CompareManifest(RenderManifest(changed), good);
  EXPECT_NE(std::string(status.message()).find("b.txt"), std::string::npos) << status;
  EXPECT_FALSE(CompareManifest("", good).ok());
  EXPECT_FALSE(CompareManifest(good + " ", good).ok());
}

}  // namespace
}  // namespace tom
