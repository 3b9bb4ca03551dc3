#include "agent/drill/sample.h"

#include <gtest/gtest.h>

#include <set>

namespace tom {
namespace {

ListedEntry File(const std::string& path, int64_t size = 10) {
  ListedEntry entry;
  entry.kind = ListedEntry::Kind::kFile;
  entry.path = path;
  entry.size = size;
  return entry;
}

SampleOptions Options(std::vector<std::string> data_paths, int64_t files = 4,
                      int64_t bytes = 1000) {
  SampleOptions options;
  options.data_paths = std::move(data_paths);
  options.files = files;
  options.bytes = bytes;
  options.seed = 1;
  return options;
}

TEST(Sampler, TakesFromEachDataPathAlike) {
  Sampler sampler(Options({"/srv/a", "/srv/b/"}));
  for (int i = 0; i < 1000; ++i) sampler.Add(File("/srv/a/" + std::to_string(i)));
  sampler.Add(File("/srv/b/one"));
  sampler.Add(File("/etc/passwd"));
  const std::vector<SampleItem> sample = sampler.Take();
  ASSERT_EQ(sample.size(), 4U);
  EXPECT_EQ(sample.back().live, "/srv/b/one");
  EXPECT_EQ(sample.back().place, std::optional<size_t>(1));
  EXPECT_EQ(sampler.held(), 1002);
}

TEST(Sampler, EveryFileIsAsLikely) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SampleOptions options = Options({"/srv"}, 1);
    options.seed = seed;
    Sampler sampler(options);
    for (int i = 0; i < 10; ++i) sampler.Add(File("/srv/" + std::to_string(i)));
    seen.insert(sampler.Take().at(0).live);
  }
  EXPECT_EQ(seen.size(), 10U);
}

TEST(Sampler, WhereNothingLiesInADataPathAnythingServes) {
  Sampler sampler(Options({"/srv/a"}));
  sampler.Add(File("/var/dump.sql"));
  ASSERT_EQ(sampler.Take().size(), 1U);
}

TEST(Sampler, BytesAreBounded) {
  Sampler sampler(Options({"/srv"}, 100, 1000));
  for (int i = 0; i < 50; ++i) sampler.Add(File("/srv/" + std::to_string(i), 300));
  sampler.Add(File("/srv/huge", 1001));
  sampler.Add(File("/srv/empty", 0));
  int64_t bytes = 0;
  for (const SampleItem& item : sampler.Take()) bytes += item.entry.size;
  EXPECT_EQ(bytes, 900);
  EXPECT_EQ(sampler.large(), 1);
  EXPECT_EQ(sampler.empty(), 1);
}

TEST(Sampler, NamesThatLeadUpwardsAreNeverChosen) {
  Sampler sampler(Options({"/srv"}));
  for (const char* path : {"../srv/a", "/srv/../etc/passwd", "srv/..", "/", "./.", ".."}) {
    sampler.Add(File(path));
  }
  sampler.Add(File("/srv/" + std::string(5000, 'x')));
  EXPECT_TRUE(sampler.Take().empty());
  EXPECT_EQ(sampler.odd(), 7);
}

TEST(Sampler, FindsTheLiveFileOfACopyFromWithin) {
  struct Case {
    const char* listed;
    const char* live;
  };
  for (const Case& one :
       {Case{"srv/data/x", "/srv/data/x"}, Case{"./srv//data/x", "/srv/data/x"},
        Case{"./x", "/srv/data/x"}, Case{"data/x", "/srv/data/x"}, Case{"other/x", "/other/x"},
        Case{"/srv/database/x", "/srv/database/x"}}) {
    SampleOptions options = Options({"/srv/data"});
    options.exists = [](const std::string& path) { return path == "/srv/data/x"; };
    Sampler sampler(options);
    sampler.Add(File(one.listed));
    const std::vector<SampleItem> sample = sampler.Take();
    ASSERT_EQ(sample.size(), 1U) << one.listed;
    EXPECT_EQ(sample[0].live, one.live) << one.listed;
    EXPECT_EQ(sample[0].place.has_value(), sample[0].live == "/srv/data/x") << one.listed;
  }
}

TEST(Sampler, LinksAreBesideFilesAndNeverAlone) {
  ListedEntry link;
  link.kind = ListedEntry::Kind::kLink;
  link.path = "/srv/link";
  link.link_target = "x";
  Sampler alone(Options({"/srv"}));
  alone.Add(link);
  EXPECT_TRUE(alone.Take().empty());
  Sampler both(Options({"/srv"}));
  both.Add(link);
  both.Add(File("/srv/x"));
  EXPECT_EQ(both.Take().size(), 2U);
}

TEST(Sampler, AStreamHasNoLiveFile) {
  ListedEntry stream;
  stream.kind = ListedEntry::Kind::kStream;
  stream.path = "data";
  Sampler sampler(Options({"/"}));
  sampler.Add(stream);
  const std::vector<SampleItem> sample = sampler.Take();
  ASSERT_EQ(sample.size(), 1U);
  EXPECT_EQ(sample[0].live, "");
}

}  // namespace
}  // namespace tom
