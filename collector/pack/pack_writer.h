// Writes a pack: payload as it comes, then manifest, signature, archive manifest and its
// time-stamp.
//
// Plain ZIP by hand, over evidence/zip_layout, and not libzip: the strict reader allows one
// spelling only, and libzip chooses its own versions and attributes. Same payload in the same
// order, same bytes, signature and stamps aside.
#ifndef TOM_COLLECTOR_PACK_PACK_WRITER_H_
#define TOM_COLLECTOR_PACK_PACK_WRITER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "collector/pack/pack_signature.h"
#include "evidence/asice.h"

namespace tom {

// One pack being written. Use from one thread. Without a successful Finish nothing stays at `path`.
class PackWriter {
 public:
  // AlreadyExists when there is something at `path`. The file is written beside it and named at the
  // end.
  static absl::StatusOr<std::unique_ptr<PackWriter>> Create(const std::string& path);
  ~PackWriter();
  PackWriter(const PackWriter&) = delete;
  PackWriter& operator=(const PackWriter&) = delete;

  // A payload file: Begin, any number of Append, End. ResourceExhausted over the pack's bounds.
  absl::Status Begin(const std::string& name);
  absl::Status Append(std::string_view bytes);
  absl::Status End();

  // Signs, stamps (unless `stamp` is empty), makes the file durable and gives it its name.
  absl::Status Finish(const PackSigner& signer, const StampFetcher& stamp);

 private:
  struct Entry {
    std::string name;
    uint32_t offset = 0, crc = 0, size = 0;
  };
  explicit PackWriter(std::string path) : path_(std::move(path)) {}
  absl::Status Write(std::string_view bytes, uint64_t offset);
  absl::Status AddFile(const std::string& name, std::string_view bytes);
  absl::Status WriteDirectory();
  absl::Status Publish();

  std::string path_;
  std::string temporary_;
  int fd_ = -1;
  uint64_t written_ = 0;
  std::vector<Entry> entries_;
  std::vector<NamedDigest> payload_;
  std::unique_ptr<Sha256Stream> sha_;  // of the entry that is open
};

}  // namespace tom

#endif  // TOM_COLLECTOR_PACK_PACK_WRITER_H_
