#include "checks/parse/inflate.h"

#include <bzlib.h>
#include <gtest/gtest.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <string>

namespace tom {
namespace {

std::string Text() {
  std::string text;
  for (int i = 0; i < 30000; ++i)
    text.append("Package: p").append(std::to_string(i)).append("\n\n");
  return text;
}

std::string Packed(Compression how, const std::string& text) {
  std::string packed(text.size() + 4096, '\0');
  size_t size = 0;
  if (how == Compression::kLz4) {
    size = LZ4F_compressFrame(packed.data(), packed.size(), text.data(), text.size(), nullptr);
  } else if (how == Compression::kZstd) {
    size = ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3);
  } else if (how == Compression::kXz) {
    lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr,
                            reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                            reinterpret_cast<uint8_t*>(packed.data()), &size, packed.size());
  } else if (how == Compression::kBzip2) {
    auto room = static_cast<unsigned>(packed.size());
    std::string input = text;
    BZ2_bzBuffToBuffCompress(packed.data(), &room, input.data(),
                             static_cast<unsigned>(input.size()), 1, 0, 0);
    size = room;
  } else if (how == Compression::kGzip || how == Compression::kZlib) {
    z_stream stream{};
    const int format = how == Compression::kGzip ? 16 : 0;
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + format, 8, Z_DEFAULT_STRATEGY);
    std::string input = text;
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    size = stream.total_out;
    deflateEnd(&stream);
  } else {
    return text;
  }
  packed.resize(size);
  return packed;
}

constexpr Compression kAll[] = {Compression::kNone, Compression::kGzip, Compression::kLz4,
                                Compression::kXz,   Compression::kZstd, Compression::kBzip2,
                                Compression::kZlib};

TEST(Inflate, KnowsEachByItsFirstBytes) {
  for (const Compression how : kAll) {
    EXPECT_EQ(CompressionByMagic(Packed(how, Text())), how) << static_cast<int>(how);
  }
  for (const char* text : {"", "x", "xx", "VERSION 1\n", "<?xml"}) {
    EXPECT_EQ(CompressionByMagic(text), Compression::kNone) << text;
  }
}

TEST(Inflate, GivesWhatWasPackedInPiecesOfAnySize) {
  const std::string text = Text();
  for (const Compression how : kAll) {
    for (const size_t piece : {size_t{1} << 20, size_t{777}}) {
      const std::string packed = Packed(how, text);
      const auto inflater = Inflater::Create(how);
      std::string out;
      for (size_t at = 0; at < packed.size(); at += piece) {
        const auto fed =
            inflater->Feed(std::string_view(packed).substr(at, piece), [&](std::string_view more) {
              out.append(more);
              return true;
            });
        ASSERT_TRUE(fed.ok()) << static_cast<int>(how) << fed;
      }
      EXPECT_EQ(out, text) << static_cast<int>(how);
      EXPECT_TRUE(inflater->Ended()) << static_cast<int>(how);
    }
  }
}

TEST(Inflate, ACutOrDamagedStreamIsNotWhole) {
  for (const Compression how : kAll) {
    if (how == Compression::kNone) continue;
    const std::string packed = Packed(how, Text());
    const auto cut = Inflater::Create(how);
    const auto take = [](std::string_view) { return true; };
    EXPECT_TRUE(cut->Feed(std::string_view(packed).substr(0, packed.size() / 2), take).ok());
    EXPECT_FALSE(cut->Ended()) << static_cast<int>(how);
    std::string damaged = packed;
    damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x55);
    damaged[damaged.size() / 2 + 1] = static_cast<char>(damaged[damaged.size() / 2 + 1] ^ 0x55);
    const auto bad = Inflater::Create(how);
    std::string out;
    const auto fed = bad->Feed(damaged, [&](std::string_view more) {
      out.append(more);
      return true;
    });
    EXPECT_TRUE(!fed.ok() || !bad->Ended() || out != Text()) << static_cast<int>(how);
    EXPECT_FALSE(Inflater::Create(how)->Feed("not compressed at all, surely not", take).ok());
  }
}

TEST(Inflate, EndsWhereItIsTold) {
  const std::string bomb = Packed(Compression::kZstd, std::string(20 << 20, 'x'));
  size_t seen = 0;
  const auto fed = Inflater::Create(Compression::kZstd)->Feed(bomb, [&](std::string_view more) {
    seen += more.size();
    return seen < 1 << 20;
  });
  EXPECT_TRUE(absl::IsResourceExhausted(fed)) << fed;
  EXPECT_LT(seen, size_t{2} << 20);
}

TEST(Inflate, TheNameSaysHow) {
  EXPECT_EQ(CompressionOf("a_Packages"), Compression::kNone);
  EXPECT_EQ(CompressionOf("a_Packages.lz4"), Compression::kLz4);
  EXPECT_EQ(CompressionOf("a.xz"), Compression::kXz);
  EXPECT_EQ(CompressionOf("a.gz"), Compression::kGzip);
  EXPECT_EQ(CompressionOf("a.zst"), Compression::kZstd);
}

}  // namespace
}  // namespace tom
