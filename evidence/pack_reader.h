// Strict reader of a pack's ZIP container (APPNOTE 6.3.3, formats.md section 2).
//
// It accepts exactly what our writer writes: entries tile the file from its first byte to the
// central directory, local and central headers agree byte for byte, every entry is stored, dated
// 1980-01-01 00:00 and of mode 0100644, with no flags, extra fields, comments, data descriptors or
// zip64. So there is no byte whose change goes unseen, and nothing is ever inflated: deflate has
// unused bits and many spellings of one text, and inflating costs more than hashing. Names are of
// [A-Za-z0-9._-] and '/', relative, without empty, "." or ".." parts, unique also when case is
// ignored.
#ifndef TOM_EVIDENCE_PACK_READER_H_
#define TOM_EVIDENCE_PACK_READER_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "evidence/digest.h"

namespace tom {

inline constexpr std::string_view kPackMimetype = "application/vnd.etsi.asic-e+zip";
inline constexpr uint64_t kMaxPackBytes = 3584ull << 20;  // 3.5 GiB: no zip64
inline constexpr size_t kMaxPackEntries = 65000;
inline constexpr size_t kMaxPackNameBytes = 200;
inline constexpr size_t kMaxPackFileBytes = 256u << 20;  // of one file that is read whole

// OK for a name that a pack may hold; the error says what is odd, without repeating hostile bytes.
absl::Status CheckPackName(std::string_view name);

// An open pack. Movable, not copyable; reading is const, and safe from several threads.
class PackReader {
 public:
  // NotFound, PermissionDenied or FailedPrecondition (no regular file) where there is nothing to
  // read; InvalidArgument where the bytes are not a pack. Checksums are checked as entries are
  // read.
  static absl::StatusOr<PackReader> Open(const std::string& path);
  ~PackReader();
  PackReader(const PackReader&) = delete;
  PackReader& operator=(const PackReader&) = delete;
  PackReader(PackReader&& other) noexcept;
  PackReader& operator=(PackReader&& other) noexcept;

  // In the order of the file; the first is "mimetype".
  const std::vector<std::string>& names() const { return names_; }
  bool Has(const std::string& name) const { return entries_.count(name) > 0; }

  // The bytes of one entry; NotFound, or InvalidArgument when the checksum differs or it is over
  // `max_bytes`.
  absl::StatusOr<std::string> Read(const std::string& name,
                                   size_t max_bytes = kMaxPackFileBytes) const;
  // Its SHA-256, in constant memory. Checks the checksum too.
  absl::StatusOr<Digest> DigestOf(const std::string& name) const;

 private:
  struct Entry {
    uint64_t data = 0;  // offset of its bytes
    uint32_t size = 0;
    uint32_t crc = 0;
  };
  explicit PackReader(int fd) : fd_(fd) {}
  absl::Status ReadDirectory();
  absl::StatusOr<std::string> ReadAt(uint64_t offset, size_t bytes) const;
  absl::Status AddEntry(std::string_view record, std::string_view name, uint64_t& next);

  int fd_ = -1;
  uint64_t file_bytes_ = 0;
  std::vector<std::string> names_;
  std::map<std::string, Entry> entries_;
};

}  // namespace tom

#endif  // TOM_EVIDENCE_PACK_READER_H_
