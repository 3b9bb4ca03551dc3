// Big-endian numbers and vectors out of bytes. After the first read past the end everything is 0 or
// empty and ok() is false.
#ifndef TOM_CHECKS_PARSE_BYTE_READER_H_
#define TOM_CHECKS_PARSE_BYTE_READER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tom {

// The bytes must outlive it.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  bool empty() const { return bytes_.empty(); }
  size_t left() const { return bytes_.size(); }

  // `width` is 1 to 4 bytes.
  uint32_t Number(size_t width) {
    uint32_t value = 0;
    for (const char c : Bytes(width)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }

  std::string_view Bytes(size_t count) {
    if (count > bytes_.size()) {
      ok_ = false;
      bytes_ = {};
      return {};
    }
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }

  // A vector whose length stands before it in `width` bytes.
  std::string_view Vector(size_t width) { return Bytes(Number(width)); }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_BYTE_READER_H_
