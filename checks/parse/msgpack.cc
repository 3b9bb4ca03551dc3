#include "checks/parse/msgpack.h"

#include <algorithm>
#include <limits>

#include "evidence/status_text.h"

namespace tom {
namespace {

using Kind = MsgpackNode::Kind;

class Reader {
 public:
  Reader(std::string_view bytes, size_t offset) : bytes_(bytes), at_(offset) {}

  size_t at() const { return at_; }

  absl::StatusOr<MsgpackNode> Value(int depth) {
    if (depth > kMaxMsgpackDepth || ++nodes_ > kMaxMsgpackNodes) {
      return absl::ResourceExhaustedError("MessagePack beyond the bounds");
    }
    TOM_ASSIGN_OR_RETURN(const uint64_t first, Number(1));
    const auto type = static_cast<uint8_t>(first);
    if (type < 0x80) return Integer(type);
    if (type < 0x90) return Container(Kind::kMap, type & 0x0f, depth);
    if (type < 0xa0) return Container(Kind::kArray, type & 0x0f, depth);
    if (type < 0xc0) return Bytes(type & 0x1f, Kind::kBytes);
    if (type >= 0xe0) return Integer(static_cast<int8_t>(type));
    return Long(type, depth);
  }

 private:
  absl::StatusOr<MsgpackNode> Long(uint8_t type, int depth) {
    MsgpackNode node;
    switch (type) {
      case 0xc0:
        return node;
      case 0xc2:
      case 0xc3:
        node.kind = Kind::kBool;
        node.boolean = type == 0xc3;
        return node;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return Sized(size_t{1} << (type - 0xc4), Kind::kBytes, 0);
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return Sized(size_t{1} << (type - 0xc7), Kind::kExtension, 1);
      case 0xca:
      case 0xcb:
        return Bytes(type == 0xca ? 4 : 8, Kind::kReal);
      case 0xcc:
      case 0xcd:
      case 0xce:
      case 0xcf:
        return Unsigned(size_t{1} << (type - 0xcc));
      case 0xd0:
      case 0xd1:
      case 0xd2:
      case 0xd3:
        return Signed(size_t{1} << (type - 0xd0));
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return Bytes((size_t{1} << (type - 0xd4)) + 1, Kind::kExtension);
      case 0xd9:
      case 0xda:
      case 0xdb:
        return Sized(size_t{1} << (type - 0xd9), Kind::kBytes, 0);
      case 0xdc:
      case 0xdd:
        return Counted(Kind::kArray, type == 0xdc ? 2 : 4, depth);
      case 0xde:
      case 0xdf:
        return Counted(Kind::kMap, type == 0xde ? 2 : 4, depth);
      default:
        return BadData("no MessagePack");
    }
  }

  absl::StatusOr<uint64_t> Number(size_t size) {
    if (size > bytes_.size() - std::min(at_, bytes_.size())) {
      return absl::OutOfRangeError("MessagePack that breaks off");
    }
    uint64_t value = 0;
    for (size_t i = 0; i < size; ++i) value = value << 8 | static_cast<uint8_t>(bytes_[at_ + i]);
    at_ += size;
    return value;
  }

  static MsgpackNode Integer(int64_t value) {
    MsgpackNode node;
    node.kind = Kind::kInteger;
    node.integer = value;
    return node;
  }

  absl::StatusOr<MsgpackNode> Unsigned(size_t size) {
    TOM_ASSIGN_OR_RETURN(const uint64_t value, Number(size));
    if (value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      return Integer(static_cast<int64_t>(value));
    }
    MsgpackNode node;
    node.kind = Kind::kReal;
    return node;
  }

  absl::StatusOr<MsgpackNode> Signed(size_t size) {
    TOM_ASSIGN_OR_RETURN(const uint64_t value, Number(size));
    const uint64_t unused_bits = 64 - 8 * size;
    return Integer(static_cast<int64_t>(value << unused_bits) >> unused_bits);
  }

  absl::StatusOr<MsgpackNode> Sized(size_t length_size, Kind kind, size_t more) {
    TOM_ASSIGN_OR_RETURN(const uint64_t size, Number(length_size));
    return Bytes(size + more, kind);
  }

  absl::StatusOr<MsgpackNode> Bytes(uint64_t size, Kind kind) {
    if (size > bytes_.size() - at_) return absl::OutOfRangeError("MessagePack that breaks off");
    MsgpackNode node;
    node.kind = kind;
    if (kind == Kind::kBytes) node.bytes = std::string(bytes_.substr(at_, size));
    at_ += size;
    return node;
  }

  absl::StatusOr<MsgpackNode> Counted(Kind kind, size_t length_size, int depth) {
    TOM_ASSIGN_OR_RETURN(const uint64_t count, Number(length_size));
    return Container(kind, count, depth);
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kMaxMsgpackDepth
  absl::StatusOr<MsgpackNode> Container(Kind kind, uint64_t count, int depth) {
    MsgpackNode node;
    node.kind = kind;
    const uint64_t values = kind == Kind::kMap ? count * 2 : count;
    // No more room than there are bytes for, whatever is announced.
    node.items.reserve(std::min<uint64_t>({values, bytes_.size() - at_, 1024}));
    for (uint64_t i = 0; i < values; ++i) {
      TOM_ASSIGN_OR_RETURN(MsgpackNode one, Value(depth + 1));
      node.items.push_back(std::move(one));
    }
    return node;
  }

  std::string_view bytes_;
  size_t at_;
  size_t nodes_ = 0;
};

}  // namespace

const MsgpackNode* MsgpackNode::Find(std::string_view key) const {
  if (!IsMap()) return nullptr;
  for (size_t i = 0; i + 1 < items.size(); i += 2) {
    if (items[i].IsBytes() && items[i].bytes == key) return &items[i + 1];
  }
  return nullptr;
}

std::string_view MsgpackNode::Bytes(std::string_view key) const {
  const MsgpackNode* found = Find(key);
  return found != nullptr && found->IsBytes() ? std::string_view(found->bytes) : std::string_view();
}

absl::StatusOr<MsgpackNode> ReadMsgpack(std::string_view bytes, size_t& offset) {
  Reader reader(bytes, offset);
  TOM_ASSIGN_OR_RETURN(MsgpackNode node, reader.Value(0));
  offset = reader.at();
  return node;
}

absl::StatusOr<MsgpackNode> ParseMsgpack(std::string_view bytes) {
  size_t offset = 0;
  TOM_ASSIGN_OR_RETURN(MsgpackNode node, ReadMsgpack(bytes, offset));
  if (offset != bytes.size()) return BadData("bytes behind MessagePack");
  return node;
}

}  // namespace tom
