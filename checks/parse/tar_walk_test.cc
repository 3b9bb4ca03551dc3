#include "checks/parse/tar_walk.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>

namespace tom {
namespace {

struct Walked {
  TarWalk::State state = TarWalk::State::kMembers;
  std::set<std::string> names;
};

Walked Walk(std::string_view bytes, size_t piece) {
  Walked walked;
  TarStream stream([&](const ArchiveMember& member) {
    walked.names.insert((member.link ? "@" : member.folder ? "+" : "") + member.name);
  });
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    stream.Add(bytes.substr(0, piece));
  }
  walked.state = stream.walk().state();
  return walked;
}

std::string Made(const std::string& command) {
  char folder[] = "/tmp/walk_XXXXXX";
  if (mkdtemp(folder) == nullptr) return "";
  std::string bytes;
  FILE* pipe =
      popen(("cd " + std::string(folder) +
             " && mkdir -p srv/data && seq 9 >srv/data/f && ln -s f srv/data/l && ln srv/data/f "
             "srv/data/h && truncate -s 9M srv/data/s && for i in 1 2 3 4 5 6 7 8; do echo x | dd "
             "of=srv/data/s bs=1 seek=${i}000000 conv=notrunc; done 2>/dev/null; " +
             command)
                .c_str(),
            "r");
  std::array<char, 4096> chunk;
  while (const size_t got = pipe == nullptr ? 0 : fread(chunk.data(), 1, chunk.size(), pipe)) {
    bytes.append(chunk.data(), got);
  }
  if (pipe != nullptr) pclose(pipe);
  EXPECT_EQ(std::system(("rm -r " + std::string(folder)).c_str()), 0);
  return bytes;
}

TEST(TarWalk, MembersOfEveryFormThatTarWrites) {
  const std::set<std::string> plain = {"+srv/",       "+srv/data/", "srv/data/f",
                                       "@srv/data/l", "srv/data/h", "srv/data/s"};
  for (const char* options :
       {"--format=gnu", "--format=pax", "--format=ustar", "--format=v7", "-S --format=gnu",
        "-S --format=pax", "--format=oldgnu -S", "-S --format=pax --sparse-version=0.1",
        "-V label --format=gnu", "--format=pax --xattrs -b 1"}) {
    const std::string bytes = Made("tar --sort=name -cf - " + std::string(options) + " srv");
    ASSERT_FALSE(bytes.empty()) << options;
    for (const size_t piece : {size_t{7}, size_t{512}, size_t{100000}}) {
      const Walked walked = Walk(bytes, piece);
      EXPECT_EQ(walked.state, TarWalk::State::kEnded) << options << " " << piece;
      EXPECT_EQ(walked.names, plain) << options << " " << piece;
    }
    EXPECT_NE(Walk(std::string_view(bytes).substr(0, bytes.size() - 10240), 512).state,
              TarWalk::State::kEnded)
        << options;
  }
}

TEST(TarWalk, LongNamesOfBothKinds) {
  const std::string name(180, 'n');
  for (const char* format : {"gnu", "pax"}) {
    const std::string bytes =
        Made("mkdir -p " + name + "/" + name + " && tar cf - --format=" + format + " " + name);
    const Walked walked = Walk(bytes, 4096);
    EXPECT_EQ(walked.state, TarWalk::State::kEnded) << format;
    EXPECT_EQ(walked.names,
              (std::set<std::string>{"+" + name + "/", "+" + name + "/" + name + "/"}))
        << format;
  }
}

TEST(TarWalk, WhatIsNoArchiveIsBroken) {
  EXPECT_EQ(Walk(std::string(600, 'x'), 512).state, TarWalk::State::kBroken);
  EXPECT_EQ(Walk(std::string(511, 'x'), 512).state, TarWalk::State::kMembers);
  EXPECT_EQ(Walk(std::string(1024, '\0'), 512).state, TarWalk::State::kEnded);
  std::string bytes = Made("tar cf - srv/data/f");
  bytes[130] = 'z';  // the size
  EXPECT_EQ(Walk(bytes, 512).state, TarWalk::State::kBroken);
}

}  // namespace
}  // namespace tom
