#include "checks/parse/inflate.h"

#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <string>

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kPiece = 64 << 10;
constexpr uint64_t kMaxWindow = 9 << 20;
constexpr int kMaxWindowLog = 23;  // 8 MiB

absl::Status Enough() { return absl::ResourceExhaustedError("more output than the bound allows"); }

class Plain : public Inflater {
 public:
  absl::Status Feed(std::string_view input, const Use& use) override {
    return use(input) ? absl::OkStatus() : Enough();
  }
  bool Ended() const override { return true; }
};

// What all libraries have in common: they take some input and give some output.
class Stepped : public Inflater {
 public:
  absl::Status Feed(std::string_view input, const Use& use) override {
    while (!input.empty()) {
      size_t taken = input.size();
      size_t given = buffer_.size();
      const bool good = Step(input, taken, buffer_.data(), given);
      if (!good) return BadData("the compressed data is damaged");
      input.remove_prefix(taken);
      if (given > 0 && !use({buffer_.data(), given})) return Enough();
      if (taken == 0 && given == 0) return BadData("the compressed data is damaged");
    }
    return absl::OkStatus();
  }
  bool Ended() const override { return ended_; }

 protected:
  // In: what there is and what fits; out: what was taken and given.
  virtual bool Step(std::string_view input, size_t& taken, char* output, size_t& given) = 0;
  bool ended_ = false;

 private:
  std::array<char, kPiece> buffer_;
};

class Gzip : public Stepped {
 public:
  explicit Gzip(bool zlib) : zlib_(zlib) {
    ready_ = inflateInit2(&stream_, zlib ? 15 : 15 + 16) == Z_OK;
  }
  ~Gzip() override {
    if (ready_) inflateEnd(&stream_);
  }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

 protected:
  bool Step(std::string_view input, size_t& taken, char* output, size_t& given) override {
    if (!ready_ || (ended_ && zlib_)) return false;
    if (ended_ && inflateReset(&stream_) != Z_OK) return false;  // another member
    ended_ = false;
    const auto in = static_cast<uInt>(std::min(input.size(), kPiece));
    const auto room = static_cast<uInt>(given);
    // zlib takes no const, and writes nothing there.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = in;
    stream_.next_out = reinterpret_cast<Bytef*>(output);
    stream_.avail_out = room;
    const int code = inflate(&stream_, Z_NO_FLUSH);
    taken = in - stream_.avail_in;
    given = room - stream_.avail_out;
    ended_ = code == Z_STREAM_END;
    return code == Z_OK || code == Z_STREAM_END;
  }

 private:
  z_stream stream_{};
  bool zlib_;
  bool ready_ = false;
};

class Bzip2 : public Stepped {
 public:
  Bzip2() { ready_ = BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK; }
  ~Bzip2() override { BZ2_bzDecompressEnd(&stream_); }
  Bzip2(const Bzip2&) = delete;
  Bzip2& operator=(const Bzip2&) = delete;

 protected:
  bool Step(std::string_view input, size_t& taken, char* output, size_t& given) override {
    if (ended_) {  // another stream
      BZ2_bzDecompressEnd(&stream_);
      stream_ = {};
      ready_ = BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK;
    }
    if (!ready_) return false;
    ended_ = false;
    const auto in = static_cast<unsigned>(std::min(input.size(), kPiece));
    const auto room = static_cast<unsigned>(given);
    // libbz2 takes no const, and writes nothing there.
    stream_.next_in = const_cast<char*>(input.data());
    stream_.avail_in = in;
    stream_.next_out = output;
    stream_.avail_out = room;
    const int code = BZ2_bzDecompress(&stream_);
    taken = in - stream_.avail_in;
    given = room - stream_.avail_out;
    ended_ = code == BZ_STREAM_END;
    return code == BZ_OK || code == BZ_STREAM_END;
  }

 private:
  bz_stream stream_{};
  bool ready_ = false;
};

class Lz4 : public Stepped {
 public:
  Lz4() { LZ4F_createDecompressionContext(&context_, LZ4F_VERSION); }
  ~Lz4() override { LZ4F_freeDecompressionContext(context_); }
  Lz4(const Lz4&) = delete;
  Lz4& operator=(const Lz4&) = delete;

 protected:
  bool Step(std::string_view input, size_t& taken, char* output, size_t& given) override {
    if (context_ == nullptr) return false;
    const size_t code = LZ4F_decompress(context_, output, &given, input.data(), &taken, nullptr);
    ended_ = code == 0;
    return LZ4F_isError(code) == 0;
  }

 private:
  LZ4F_dctx* context_ = nullptr;
};

class Xz : public Stepped {
 public:
  Xz() { ready_ = lzma_stream_decoder(&stream_, kMaxWindow + (1 << 20), 0) == LZMA_OK; }
  ~Xz() override { lzma_end(&stream_); }
  Xz(const Xz&) = delete;
  Xz& operator=(const Xz&) = delete;

 protected:
  bool Step(std::string_view input, size_t& taken, char* output, size_t& given) override {
    if (!ready_ || ended_) return false;
    const size_t room = given;
    stream_.next_in = reinterpret_cast<const uint8_t*>(input.data());
    stream_.avail_in = input.size();
    stream_.next_out = reinterpret_cast<uint8_t*>(output);
    stream_.avail_out = room;
    const lzma_ret code = lzma_code(&stream_, LZMA_RUN);
    taken = input.size() - stream_.avail_in;
    given = room - stream_.avail_out;
    ended_ = code == LZMA_STREAM_END;
    return code == LZMA_OK || code == LZMA_STREAM_END;
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool ready_ = false;
};

class Zstd : public Stepped {
 public:
  Zstd() : context_(ZSTD_createDCtx()) {
    ready_ = context_ != nullptr && ZSTD_isError(ZSTD_DCtx_setParameter(
                                        context_, ZSTD_d_windowLogMax, kMaxWindowLog)) == 0;
  }
  ~Zstd() override { ZSTD_freeDCtx(context_); }
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;

 protected:
  bool Step(std::string_view input, size_t& taken, char* output, size_t& given) override {
    if (!ready_) return false;
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{output, given, 0};
    const size_t code = ZSTD_decompressStream(context_, &out, &in);
    taken = in.pos;
    given = out.pos;
    ended_ = code == 0;
    return ZSTD_isError(code) == 0;
  }

 private:
  ZSTD_DCtx* context_;
  bool ready_ = false;
};

}  // namespace

Compression CompressionOf(std::string_view path) {
  if (path.ends_with(".gz")) return Compression::kGzip;
  if (path.ends_with(".lz4")) return Compression::kLz4;
  if (path.ends_with(".xz")) return Compression::kXz;
  if (path.ends_with(".zst")) return Compression::kZstd;
  return Compression::kNone;
}

Compression CompressionByMagic(std::string_view head) {
  using namespace std::string_view_literals;
  if (head.starts_with("\x1f\x8b"sv)) return Compression::kGzip;
  if (head.starts_with("BZh"sv)) return Compression::kBzip2;
  if (head.starts_with("\xfd"
                       "7zXZ\0"sv)) {
    return Compression::kXz;
  }
  if (head.starts_with("\x28\xb5\x2f\xfd"sv)) return Compression::kZstd;
  if (head.starts_with("\x04\x22\x4d\x18"sv)) return Compression::kLz4;
  const bool zlib = head.size() >= 2 && head[0] == '\x78' &&
                    (0x7800 + static_cast<unsigned char>(head[1])) % 31 == 0;
  return zlib ? Compression::kZlib : Compression::kNone;
}

std::unique_ptr<Inflater> Inflater::Create(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return std::make_unique<Gzip>(false);
    case Compression::kZlib:
      return std::make_unique<Gzip>(true);
    case Compression::kBzip2:
      return std::make_unique<Bzip2>();
    case Compression::kLz4:
      return std::make_unique<Lz4>();
    case Compression::kXz:
      return std::make_unique<Xz>();
    case Compression::kZstd:
      return std::make_unique<Zstd>();
    case Compression::kNone:
      break;
  }
  return std::make_unique<Plain>();
}

}  // namespace tom
