// Compressed files read through to their end: the one way to know that they are whole.
// Used by archive_probe; bounded in input, output and memory.
#ifndef TOM_CHECKS_PARSE_ARCHIVE_UNPACK_H_
#define TOM_CHECKS_PARSE_ARCHIVE_UNPACK_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "checks/parse/archive_probe.h"

namespace tom {

inline constexpr uint64_t kMaxUnpackedOutput = uint64_t{2} << 30;

struct Unpacked {
  enum class State {
    kWhole,    // every member and frame to its end, with its checksums
    kDamaged,  // wrong bytes, or it breaks off
    kNotKnown  // beyond a bound; `doubt` says which
  };
  State state = State::kNotKnown;
  std::string doubt;
  std::string head;  // the first 4 KiB of what comes out, as far as it came
  std::string tail;  // the last 1 KiB
  uint64_t produced = 0;
};

// `format`: gzip, xz, zstd, lz4 or bzip2; several members one after another, zeros behind the last
// of gzip and xz. Of a file larger than kMaxInflatedInput only `head` is filled. Fails as `read`
// does.
// `sink` is given all that comes out, in order.
using UnpackedSink = std::function<void(std::string_view)>;
absl::StatusOr<Unpacked> Unpack(std::string_view format, const ByteSource& read, uint64_t size,
                                const UnpackedSink& sink = nullptr);

// What comes out, by its offset there: forward as it is decoded, backward from the beginning again.
// ResourceExhausted behind kMaxUnpackedOutput and after too many beginnings; DataLoss where it
// cannot be decoded. Holds `read`.
ByteSource UnpackedBytes(std::string_view format, const ByteSource& read, uint64_t size);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_ARCHIVE_UNPACK_H_
