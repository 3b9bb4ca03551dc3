#include "checks/parse/archive_unpack.h"

#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <array>
#include <memory>

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kChunk = 1 << 20;
constexpr size_t kPiece = 128 << 10;
constexpr size_t kHead = 4096;
constexpr size_t kTail = 1024;
constexpr uint64_t kMaxMemory = 72 << 20;  // xz -9 needs 65 MiB
constexpr int kMaxWindowLog = 25;          // 32 MiB

enum class Step { kMore, kEnd, kBad, kTooMuchMemory };

struct Buffers {
  std::string_view input;  // what was taken is removed
  char* output = nullptr;
  size_t room = 0;
  size_t given = 0;
};

// One library's decoder of one member.
class Decoder {
 public:
  Decoder() = default;
  virtual ~Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  virtual Step Go(Buffers& buffers) = 0;
};

class Gunzip : public Decoder {
 public:
  Gunzip() { ready_ = inflateInit2(&stream_, 15 + 16) == Z_OK; }
  ~Gunzip() override { inflateEnd(&stream_); }
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;
  Step Go(Buffers& buffers) override {
    if (!ready_) return Step::kTooMuchMemory;
    // zlib takes no const, and writes nothing there.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(buffers.input.data()));
    stream_.avail_in = static_cast<uInt>(buffers.input.size());
    stream_.next_out = reinterpret_cast<Bytef*>(buffers.output);
    stream_.avail_out = static_cast<uInt>(buffers.room);
    const int code = inflate(&stream_, Z_NO_FLUSH);
    buffers.input.remove_prefix(buffers.input.size() - stream_.avail_in);
    buffers.given = buffers.room - stream_.avail_out;
    if (code == Z_STREAM_END) return Step::kEnd;
    return code == Z_OK || code == Z_BUF_ERROR ? Step::kMore : Step::kBad;
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

class Bunzip : public Decoder {
 public:
  Bunzip() { ready_ = BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK; }
  ~Bunzip() override { BZ2_bzDecompressEnd(&stream_); }
  Bunzip(const Bunzip&) = delete;
  Bunzip& operator=(const Bunzip&) = delete;
  Step Go(Buffers& buffers) override {
    if (!ready_) return Step::kTooMuchMemory;
    stream_.next_in = const_cast<char*>(buffers.input.data());
    stream_.avail_in = static_cast<unsigned int>(buffers.input.size());
    stream_.next_out = buffers.output;
    stream_.avail_out = static_cast<unsigned int>(buffers.room);
    const int code = BZ2_bzDecompress(&stream_);
    buffers.input.remove_prefix(buffers.input.size() - stream_.avail_in);
    buffers.given = buffers.room - stream_.avail_out;
    if (code == BZ_MEM_ERROR) return Step::kTooMuchMemory;
    if (code == BZ_STREAM_END) return Step::kEnd;
    return code == BZ_OK ? Step::kMore : Step::kBad;
  }

 private:
  bz_stream stream_{};
  bool ready_ = false;
};

class Unxz : public Decoder {
 public:
  Unxz() { ready_ = lzma_stream_decoder(&stream_, kMaxMemory, 0) == LZMA_OK; }
  ~Unxz() override { lzma_end(&stream_); }
  Unxz(const Unxz&) = delete;
  Unxz& operator=(const Unxz&) = delete;
  Step Go(Buffers& buffers) override {
    if (!ready_) return Step::kTooMuchMemory;
    stream_.next_in = reinterpret_cast<const uint8_t*>(buffers.input.data());
    stream_.avail_in = buffers.input.size();
    stream_.next_out = reinterpret_cast<uint8_t*>(buffers.output);
    stream_.avail_out = buffers.room;
    const lzma_ret code = lzma_code(&stream_, LZMA_RUN);
    buffers.input.remove_prefix(buffers.input.size() - stream_.avail_in);
    buffers.given = buffers.room - stream_.avail_out;
    if (code == LZMA_MEM_ERROR || code == LZMA_MEMLIMIT_ERROR) return Step::kTooMuchMemory;
    if (code == LZMA_STREAM_END) return Step::kEnd;
    return code == LZMA_OK || code == LZMA_BUF_ERROR ? Step::kMore : Step::kBad;
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool ready_ = false;
};

class Unzstd : public Decoder {
 public:
  Unzstd() : context_(ZSTD_createDCtx()) {
    if (context_ != nullptr) ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kMaxWindowLog);
  }
  ~Unzstd() override { ZSTD_freeDCtx(context_); }
  Unzstd(const Unzstd&) = delete;
  Unzstd& operator=(const Unzstd&) = delete;
  Step Go(Buffers& buffers) override {
    if (context_ == nullptr) return Step::kTooMuchMemory;
    ZSTD_inBuffer in{buffers.input.data(), buffers.input.size(), 0};
    ZSTD_outBuffer out{buffers.output, buffers.room, 0};
    const size_t code = ZSTD_decompressStream(context_, &out, &in);
    buffers.input.remove_prefix(in.pos);
    buffers.given = out.pos;
    if (ZSTD_isError(code) != 0) {
      const ZSTD_ErrorCode error = ZSTD_getErrorCode(code);
      const bool memory = error == ZSTD_error_frameParameter_windowTooLarge ||
                          error == ZSTD_error_memory_allocation;
      return memory ? Step::kTooMuchMemory : Step::kBad;
    }
    return code == 0 ? Step::kEnd : Step::kMore;
  }

 private:
  ZSTD_DCtx* context_;
};

class Unlz4 : public Decoder {
 public:
  Unlz4() { LZ4F_createDecompressionContext(&context_, LZ4F_VERSION); }
  ~Unlz4() override { LZ4F_freeDecompressionContext(context_); }
  Unlz4(const Unlz4&) = delete;
  Unlz4& operator=(const Unlz4&) = delete;
  Step Go(Buffers& buffers) override {
    if (context_ == nullptr) return Step::kTooMuchMemory;
    size_t taken = buffers.input.size();
    buffers.given = buffers.room;
    const size_t code = LZ4F_decompress(context_, buffers.output, &buffers.given,
                                        buffers.input.data(), &taken, nullptr);
    if (LZ4F_isError(code) != 0) {
      buffers.given = 0;
      return Step::kBad;
    }
    buffers.input.remove_prefix(taken);
    return code == 0 ? Step::kEnd : Step::kMore;
  }

 private:
  LZ4F_dctx* context_ = nullptr;
};

std::unique_ptr<Decoder> MakeDecoder(std::string_view format) {
  if (format == "gzip") return std::make_unique<Gunzip>();
  if (format == "bzip2") return std::make_unique<Bunzip>();
  if (format == "xz") return std::make_unique<Unxz>();
  if (format == "zstd") return std::make_unique<Unzstd>();
  return std::make_unique<Unlz4>();
}

class Unpacker {
 public:
  explicit Unpacker(std::string_view format)
      : format_(format), decoder_(MakeDecoder(format)), buffer_(kPiece, '\0') {}

  // Takes from `input`, and gives in `piece` what came out of it, valid until the next step. False:
  // more input is wanted, or it is decided.
  bool Advance(std::string_view& input, std::string_view& piece) {
    piece = {};
    if (decided_ || (ended_ && !NextMember(input))) return false;
    Buffers buffers{input, buffer_.data(), buffer_.size(), 0};
    const Step step = decoder_->Go(buffers);
    const bool moved = buffers.given > 0 || buffers.input.size() != input.size();
    input = buffers.input;
    piece = {buffer_.data(), buffers.given};
    Keep(piece);
    ended_ = step == Step::kEnd;
    if (step == Step::kBad) Decide(Unpacked::State::kDamaged, "");
    if (step == Step::kTooMuchMemory) {
      Decide(Unpacked::State::kNotKnown, "it takes more memory to read than the bound");
    }
    if (result_.produced > kMaxUnpackedOutput) {
      Decide(Unpacked::State::kNotKnown, "it unpacks to more than the bound");
    }
    if (!decided_ && !ended_ && !moved) {
      if (input.empty()) return false;
      Decide(Unpacked::State::kDamaged, "");
    }
    return !decided_;
  }

  bool decided() const { return decided_; }

  Unpacked Finish() {
    if (!decided_) {
      const bool whole = ended_ && (format_ != "xz" || padding_ % 4 == 0);
      Decide(whole ? Unpacked::State::kWhole : Unpacked::State::kDamaged, "");
    }
    return std::move(result_);
  }

 private:
  // False: nothing else is left in this input.
  bool NextMember(std::string_view& input) {
    if (format_ == "gzip" || format_ == "xz") {
      while (!input.empty() && input.front() == '\0') {
        input.remove_prefix(1);
        ++padding_;
      }
    }
    if (input.empty()) return false;
    if ((padding_ > 0 && format_ == "gzip") || padding_ % 4 != 0) {
      Decide(Unpacked::State::kDamaged, "");
      return false;
    }
    padding_ = 0;
    decoder_ = MakeDecoder(format_);
    ended_ = false;
    return true;
  }

  void Keep(std::string_view bytes) {
    result_.produced += bytes.size();
    if (result_.head.size() < kHead)
      result_.head.append(bytes.substr(0, kHead - result_.head.size()));
    result_.tail.append(bytes.substr(bytes.size() - std::min(bytes.size(), kTail)));
    if (result_.tail.size() > kTail) result_.tail.erase(0, result_.tail.size() - kTail);
  }

  void Decide(Unpacked::State state, std::string doubt) {
    if (decided_) return;
    decided_ = true;
    result_.state = state;
    result_.doubt = std::move(doubt);
  }

  std::string_view format_;
  std::unique_ptr<Decoder> decoder_;
  std::string buffer_;
  bool ended_ = false;
  uint64_t padding_ = 0;  // zeros behind a member; xz has them in fours
  bool decided_ = false;
  Unpacked result_;
};

// Decodes as far as it is asked.
class UnpackedWindow {
 public:
  UnpackedWindow(std::string_view format, ByteSource read, uint64_t size)
      : format_(format), read_(std::move(read)), size_(size), unpacker_(format_) {}

  absl::StatusOr<std::string> Read(uint64_t offset, size_t bytes) {
    if (offset < start_) {
      if (++beginnings_ > kMostBeginnings) {
        return absl::ResourceExhaustedError("it would have to be unpacked too often");
      }
      unpacker_ = Unpacker(format_);
      start_ = taken_ = 0;
      window_.clear();
      chunk_.clear();
      input_ = {};
    }
    while (start_ + window_.size() < offset + bytes) {
      TOM_ASSIGN_OR_RETURN(const bool more, Grow());
      if (!more) break;
      const uint64_t before = std::min<uint64_t>(offset - start_, window_.size());
      window_.erase(0, before);
      start_ += before;
    }
    const uint64_t skip = offset - start_;
    return skip >= window_.size() ? std::string() : window_.substr(skip, bytes);
  }

 private:
  // False: the end was reached.
  absl::StatusOr<bool> Grow() {
    std::string_view piece;
    while (piece.empty()) {
      unpacker_.Advance(input_, piece);
      window_.append(piece);
      if (!piece.empty()) break;
      if (unpacker_.decided()) {
        const Unpacked::State state = unpacker_.Finish().state;
        if (state == Unpacked::State::kNotKnown) return absl::ResourceExhaustedError("too large");
        return absl::DataLossError("it cannot be unpacked");
      }
      if (!input_.empty()) continue;
      if (taken_ >= size_) return false;
      TOM_ASSIGN_OR_RETURN(chunk_, read_(taken_, std::min<uint64_t>(kPiece, size_ - taken_)));
      if (chunk_.empty()) return false;
      taken_ += chunk_.size();
      input_ = chunk_;
    }
    return true;
  }

  static constexpr int kMostBeginnings = 3;
  std::string format_;
  ByteSource read_;
  uint64_t size_;
  Unpacker unpacker_;
  uint64_t start_ = 0;  // where the window stands in what comes out
  std::string window_;
  uint64_t taken_ = 0;
  std::string chunk_;
  std::string_view input_;
  int beginnings_ = 0;
};

}  // namespace

absl::StatusOr<Unpacked> Unpack(std::string_view format, const ByteSource& read, uint64_t size,
                                const UnpackedSink& sink) {
  const bool whole = size <= kMaxInflatedInput;
  const uint64_t end = whole ? size : kChunk;
  Unpacker unpacker(format);
  for (uint64_t offset = 0; offset < end;) {
    TOM_ASSIGN_OR_RETURN(const std::string chunk,
                         read(offset, std::min<uint64_t>(kChunk, end - offset)));
    if (chunk.empty()) break;
    offset += chunk.size();
    std::string_view input = chunk;
    std::string_view piece;
    for (bool more = true; more;) {
      more = unpacker.Advance(input, piece);
      if (sink && !piece.empty()) sink(piece);
    }
    if (unpacker.decided()) break;
  }
  Unpacked result = unpacker.Finish();
  if (whole) return result;
  result.tail.clear();
  result.state = Unpacked::State::kNotKnown;
  result.doubt = "too large to be read through: only up to " +
                 std::to_string(kMaxInflatedInput >> 20) + " MiB are";
  return result;
}

ByteSource UnpackedBytes(std::string_view format, const ByteSource& read, uint64_t size) {
  const auto window = std::make_shared<UnpackedWindow>(format, read, size);
  return [window](uint64_t offset, size_t bytes) { return window->Read(offset, bytes); };
}

}  // namespace tom
