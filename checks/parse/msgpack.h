// MessagePack (the specification of 2017) as a tree, bounded. Bytes -> values, no I/O; pure and
// thread-safe. Borg keeps its metadata in it.
#ifndef TOM_CHECKS_PARSE_MSGPACK_H_
#define TOM_CHECKS_PARSE_MSGPACK_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tom {

struct MsgpackNode {
  enum class Kind { kNil, kBool, kInteger, kReal, kBytes, kArray, kMap, kExtension };

  Kind kind = Kind::kNil;
  bool boolean = false;
  int64_t integer = 0;             // an unsigned one above 2^63 - 1 is a kReal without a value
  std::string bytes;               // of text and of bytes: old writers do not tell them apart
  std::vector<MsgpackNode> items;  // of a map: key, value, key, value …

  bool IsArray() const { return kind == Kind::kArray; }
  bool IsMap() const { return kind == Kind::kMap; }
  bool IsBytes() const { return kind == Kind::kBytes; }
  bool IsInteger() const { return kind == Kind::kInteger; }
  // The first value under the key, or null; null too when this is no map.
  const MsgpackNode* Find(std::string_view key) const;
  // The bytes under the key when they are some, else empty.
  std::string_view Bytes(std::string_view key) const;
};

inline constexpr size_t kMaxMsgpackNodes = 300000;
inline constexpr int kMaxMsgpackDepth = 32;

// The value at `offset`, which is moved behind it. OutOfRange: it goes on behind the end;
// InvalidArgument: what is there is none; ResourceExhausted: beyond a bound.
absl::StatusOr<MsgpackNode> ReadMsgpack(std::string_view bytes, size_t& offset);

// One value and nothing behind it.
absl::StatusOr<MsgpackNode> ParseMsgpack(std::string_view bytes);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_MSGPACK_H_
