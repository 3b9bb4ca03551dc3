// Blobs that came with a request, and behind them those of the store.
#ifndef TOM_COLLECTOR_INGEST_BLOB_SET_H_
#define TOM_COLLECTOR_INGEST_BLOB_SET_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "collector/store/store.h"

namespace tom {

class BlobSet {
 public:
  BlobSet() = default;
  explicit BlobSet(std::vector<std::string> blobs) {
    for (std::string& blob : blobs) {
      const Digest digest = Sha256(blob);
      given_.emplace(digest, std::move(blob));
    }
  }

  // FailedPrecondition, naming the digest, where neither has it: it may still be sent.
  absl::StatusOr<std::string> Need(const StoreView& view, const Digest& digest) {
    used_.insert(digest);
    if (const auto given = given_.find(digest); given != given_.end()) return given->second;
    absl::StatusOr<std::string> stored = view.Blob(digest);
    if (!absl::IsNotFound(stored.status())) return stored;
    return absl::FailedPreconditionError("missing blob " + digest.Hex());
  }

  // Whether it is there, without its bytes.
  absl::Status Have(const StoreView& view, const Digest& digest) {
    used_.insert(digest);
    if (given_.contains(digest)) return absl::OkStatus();
    absl::StatusOr<bool> stored = view.HasBlob(digest);
    if (!stored.ok()) return stored.status();
    if (*stored) return absl::OkStatus();
    return absl::FailedPreconditionError("missing blob " + digest.Hex());
  }

  // Stores those that were asked for; whatever else came along is dropped.
  absl::Status Store(StoreTransaction& store) const {
    for (const Digest& digest : used_) {
      const auto given = given_.find(digest);
      if (given == given_.end()) continue;
      if (absl::Status status = store.AddBlob(given->second); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

 private:
  std::map<Digest, std::string> given_;
  std::set<Digest> used_;
};

}  // namespace tom

#endif  // TOM_COLLECTOR_INGEST_BLOB_SET_H_
