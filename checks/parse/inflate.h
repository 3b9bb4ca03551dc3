// Inflating what comes in pieces: the ways in which apt keeps its lists and feeds of weaknesses are
// packed. Bytes -> bytes, no I/O.
//
// Bounded by whoever uses it: the output goes out in pieces, and Feed stops where it is told to.
#ifndef TOM_CHECKS_PARSE_INFLATE_H_
#define TOM_CHECKS_PARSE_INFLATE_H_

#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/status.h"

namespace tom {

enum class Compression { kNone, kGzip, kLz4, kXz, kZstd, kBzip2, kZlib };

// By the end of a file's name: .gz .lz4 .xz .zst, or none of them.
Compression CompressionOf(std::string_view path);

// By the first bytes of a file. zlib's are those of a window of 32 KiB (RFC 1950).
Compression CompressionByMagic(std::string_view head);

class Inflater {
 public:
  // Called with each piece of output; false ends it.
  using Use = std::function<bool(std::string_view piece)>;

  virtual ~Inflater() = default;
  // InvalidArgument: the input is not what it should be. ResourceExhausted: `use` said no.
  virtual absl::Status Feed(std::string_view input, const Use& use) = 0;
  // Whether the stream is whole: asked after the last piece.
  virtual bool Ended() const = 0;

  // Needs at most some 9 MiB, whatever the input says (an xz or zstd window larger than that is
  // refused).
  static std::unique_ptr<Inflater> Create(Compression compression);
};

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_INFLATE_H_
