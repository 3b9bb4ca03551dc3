// A repository of BorgBackup 1.x, read as files (borg_format.h says why not by its program).
#ifndef TOM_CHECKS_TABLES_BORG_REPOSITORY_H_
#define TOM_CHECKS_TABLES_BORG_REPOSITORY_H_

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/env/env.h"
#include "checks/parse/borg_format.h"
#include "checks/tables/backup_store.h"

namespace tom {

class BorgRepository {
 public:
  // Walks it and reads its configuration and where its index is. Fails as WalkStore does; DataLoss
  // where what is left is no repository any more.
  static absl::StatusOr<BorgRepository> Open(Env& env, const std::string& top);

  const BorgConfig& config() const { return config_; }
  // Of all segments, bytes.
  uint64_t bytes() const { return bytes_; }

  // Reads every committed segment, checks each entry's CRC-32, and holds the index against what is
  // there. OK: all is as the index says. DataLoss: it is not; ResourceExhausted: too much to read.
  absl::Status Verify();

  // Whether the index names the object, and the object. NotFound: it does not; DataLoss.
  absl::StatusOr<bool> Has(const Digest& id) const;
  absl::StatusOr<std::string> Read(const Digest& id) const;

 private:
  explicit BorgRepository(Env& env) : env_(&env) {}

  struct Segment {
    std::string path;
    uint64_t size = 0;
  };
  using Places = std::unordered_map<Digest, BorgPlace>;

  absl::Status Sort(const std::vector<StoredFile>& files, const std::string& top);
  absl::Status ReadIndexHead();
  absl::StatusOr<std::string> Bucket(uint64_t number) const;
  absl::StatusOr<std::optional<BorgPlace>> Find(const Digest& id) const;
  absl::Status WalkSegment(uint32_t number, const Segment& segment, int64_t deadline,
                           Places& places) const;
  absl::Status HoldAgainstIndex(const Places& places) const;

  Env* env_;
  BorgConfig config_;
  std::string top_;
  std::string fingerprint_;  // of all its files
  std::map<uint32_t, Segment> segments_;
  uint64_t bytes_ = 0;
  std::string index_path_;
  uint32_t transaction_ = 0;  // the last segment that the index knows
  uint64_t index_bytes_ = 0;
  std::string index_;  // whole, where it is small
  BorgIndexHead index_head_;
};

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_BORG_REPOSITORY_H_
