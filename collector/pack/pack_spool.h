// The payload of a pack while it is made: files on disk, for a year of many hosts does not fit in
// memory.
#ifndef TOM_COLLECTOR_PACK_PACK_SPOOL_H_
#define TOM_COLLECTOR_PACK_PACK_SPOOL_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/digest.h"

namespace tom {

// Named files in a folder of their own (mode 0700), gone with the object. Use from one thread.
class PackSpool {
 public:
  // Below `parent`, such as the collector's state folder or "/tmp".
  static absl::StatusOr<std::unique_ptr<PackSpool>> Create(const std::string& parent);
  ~PackSpool();
  PackSpool(const PackSpool&) = delete;
  PackSpool& operator=(const PackSpool&) = delete;

  // A second time with the same name replaces the file. The name must be fit for a pack.
  absl::Status Put(const std::string& name, std::string_view bytes);
  bool Has(const std::string& name) const { return files_.count(name) > 0; }
  absl::StatusOr<std::string> Get(const std::string& name) const;
  // Sorted by bytes: the order in which packs hold them.
  std::vector<std::string> Names() const;
  const Digest& DigestOf(const std::string& name) const { return files_.at(name).digest; }

 private:
  struct File {
    int number = 0;
    Digest digest;
  };
  explicit PackSpool(std::string folder) : folder_(std::move(folder)) {}
  std::string PathOf(int number) const { return folder_ + "/" + std::to_string(number); }

  std::string folder_;
  std::map<std::string, File> files_;
};

}  // namespace tom

#endif  // TOM_COLLECTOR_PACK_PACK_SPOOL_H_
