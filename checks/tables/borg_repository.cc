#include "checks/tables/borg_repository.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "checks/tables/backup_memory.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxIndexInMemory = 24 << 20;
constexpr size_t kMaxObjects = 300000;
constexpr size_t kWindow = 1 << 20;
constexpr int kMaxProbes = 4096;
constexpr size_t kMaxConfigBytes = 64 << 10;

absl::Status Damaged(const std::string& where, const std::string& what) {
  return absl::DataLossError(ToAbsl(where + ": " + what));
}

std::optional<uint32_t> Number(std::string_view text) {
  if (text.empty() || text.size() > 9) return std::nullopt;
  uint32_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<uint32_t>(c - '0');
  }
  return value;
}

// The file from one end to the other, a window at a time.
class Stream {
 public:
  Stream(Env& env, const std::string& path) : env_(env), path_(path) {}

  uint64_t at() const { return at_; }

  // Up to `bytes` from here on, without moving; fewer at the end of the file.
  absl::StatusOr<std::string_view> Peek(size_t bytes) {
    if (at_ + bytes > start_ + window_.size()) {
      TOM_ASSIGN_OR_RETURN(window_, env_.ReadRange(path_, at_, std::max(bytes, kWindow)));
      start_ = at_;
    }
    return std::string_view(window_).substr(at_ - start_, bytes);
  }

  void Skip(size_t bytes) { at_ += bytes; }

 private:
  Env& env_;
  const std::string& path_;
  uint64_t at_ = 0;
  uint64_t start_ = 0;
  std::string window_;
};

uint32_t AddToCrc(uint32_t crc, std::string_view bytes) {
  return static_cast<uint32_t>(
      crc32(crc, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

// Of the entry at the stream's place, which is moved behind it. Nothing: it breaks off.
absl::StatusOr<std::optional<uint32_t>> CrcOfEntry(Stream& stream, const BorgEntryHead& head) {
  stream.Skip(4);
  uint32_t crc = 0;
  for (size_t left = head.size - 4; left > 0;) {
    TOM_ASSIGN_OR_RETURN(const std::string_view part, stream.Peek(std::min(left, kWindow)));
    if (part.empty()) return std::optional<uint32_t>();
    crc = AddToCrc(crc, part);
    stream.Skip(part.size());
    left -= part.size();
  }
  return std::optional<uint32_t>(crc);
}

}  // namespace

absl::StatusOr<BorgRepository> BorgRepository::Open(Env& env, const std::string& top) {
  TOM_ASSIGN_OR_RETURN(const std::vector<StoredFile> files, WalkStore(env, top));
  BorgRepository repository(env);
  repository.top_ = top;
  repository.fingerprint_ = FingerprintOf(files);
  const auto config = env.ReadFile(top + "/config", kMaxConfigBytes);
  if (absl::IsNotFound(config.status())) {
    return absl::FailedPreconditionError(ToAbsl(top + ": no repository of borg, it has no config"));
  }
  if (!config.ok()) return config.status();
  auto parsed = ParseBorgConfig(*config);
  if (!parsed.ok()) return Annotate(parsed.status(), top + "/config");
  repository.config_ = *std::move(parsed);
  TOM_RETURN_IF_ERROR(repository.Sort(files, top));
  TOM_RETURN_IF_ERROR(repository.ReadIndexHead());
  return repository;
}

absl::Status BorgRepository::Sort(const std::vector<StoredFile>& files, const std::string& top) {
  const std::string data = top + "/data/";
  const std::string index = top + "/index.";
  bool indexed = false;
  for (const StoredFile& file : files) {
    if (file.path.starts_with(data)) {
      const auto number = Number(file.path.substr(file.path.rfind('/') + 1));
      if (!number) continue;
      segments_[*number] = {file.path, file.size};
      bytes_ += file.size;
    } else if (file.path.starts_with(index) && file.size > 0) {
      const auto number = Number(file.path.substr(index.size()));
      if (!number || (indexed && *number < transaction_)) continue;
      indexed = true;
      transaction_ = *number;
      index_path_ = file.path;
      index_bytes_ = file.size;
    }
  }
  if (segments_.empty()) return Damaged(top, "the repository has no segments");
  if (!indexed) return absl::UnavailableError(ToAbsl(top + ": the repository has no index"));
  return absl::OkStatus();
}

absl::Status BorgRepository::ReadIndexHead() {
  if (index_bytes_ <= kMaxIndexInMemory) {
    TOM_ASSIGN_OR_RETURN(index_, env_->ReadFile(index_path_, kMaxIndexInMemory));
    index_bytes_ = index_.size();
  }
  std::string head = index_.substr(0, kBorgIndexHeadBytes);
  if (index_.empty()) {
    TOM_ASSIGN_OR_RETURN(head, env_->ReadRange(index_path_, 0, kBorgIndexHeadBytes));
  }
  const auto parsed = ParseBorgIndexHead(head, index_bytes_);
  if (!parsed.ok()) return Damaged(index_path_, std::string(parsed.status().message()));
  index_head_ = *parsed;
  return absl::OkStatus();
}

absl::StatusOr<std::string> BorgRepository::Bucket(uint64_t number) const {
  const uint64_t offset = kBorgIndexHeadBytes + number * kBorgBucketBytes;
  if (!index_.empty()) return index_.substr(offset, kBorgBucketBytes);
  return env_->ReadRange(index_path_, offset, kBorgBucketBytes);
}

absl::StatusOr<std::optional<BorgPlace>> BorgRepository::Find(const Digest& id) const {
  uint64_t number = FirstBorgBucket(id, index_head_);
  for (int i = 0; i < kMaxProbes; ++i) {
    TOM_ASSIGN_OR_RETURN(const std::string bucket, Bucket(number));
    BorgPlace place;
    switch (LookAtBorgBucket(bucket, id, place)) {
      case BorgBucket::kEmpty:
        return std::optional<BorgPlace>();
      case BorgBucket::kFound:
        return std::optional<BorgPlace>(place);
      default:
        number = number + 1 == index_head_.buckets ? 0 : number + 1;
    }
  }
  return Damaged(index_path_, "a search that does not end");
}

absl::StatusOr<bool> BorgRepository::Has(const Digest& id) const {
  TOM_ASSIGN_OR_RETURN(const std::optional<BorgPlace> place, Find(id));
  return place.has_value() && segments_.count(place->segment) > 0;
}

absl::StatusOr<std::string> BorgRepository::Read(const Digest& id) const {
  TOM_ASSIGN_OR_RETURN(const std::optional<BorgPlace> place, Find(id));
  if (!place) return absl::NotFoundError(ToAbsl(index_path_ + ": no object " + id.Hex()));
  const auto segment = segments_.find(place->segment);
  if (segment == segments_.end()) {
    return Damaged(index_path_, "segment " + std::to_string(place->segment) + " is missing");
  }
  const std::string& path = segment->second.path;
  TOM_ASSIGN_OR_RETURN(const std::string bytes,
                       env_->ReadRange(path, place->offset, kBorgHeadBytes));
  const auto head = ParseBorgEntryHead(bytes);
  if (!head || head->tag != kBorgPut || head->id != id) {
    return Damaged(path, "the index leads to no object there");
  }
  if (head->size > kMaxRangeBytes) {
    return absl::ResourceExhaustedError(ToAbsl(path + ": an object larger than the bound"));
  }
  TOM_ASSIGN_OR_RETURN(std::string entry, env_->ReadRange(path, place->offset, head->size));
  if (entry.size() != head->size) return Damaged(path, "cut off");
  if (AddToCrc(0, std::string_view(entry).substr(4)) != head->crc) {
    return Damaged(path, "an entry's checksum does not hold");
  }
  return entry.substr(kBorgHeadBytes);
}

absl::Status BorgRepository::WalkSegment(uint32_t number, const Segment& segment, int64_t deadline,
                                         Places& places) const {
  Stream stream(*env_, segment.path);
  TOM_ASSIGN_OR_RETURN(const std::string_view magic, stream.Peek(kBorgSegmentMagic.size()));
  if (magic != kBorgSegmentMagic) return Damaged(segment.path, "no segment of borg");
  stream.Skip(magic.size());
  bool committed = false;
  for (;;) {
    if (env_->MonotonicMs() > deadline) {
      return absl::ResourceExhaustedError("reading it through took too long");
    }
    const uint64_t offset = stream.at();
    TOM_ASSIGN_OR_RETURN(const std::string_view bytes, stream.Peek(kBorgHeadBytes));
    if (bytes.empty()) break;
    const auto head = ParseBorgEntryHead(bytes);
    if (!head) return Damaged(segment.path, "an entry that is none");
    TOM_ASSIGN_OR_RETURN(const std::optional<uint32_t> crc, CrcOfEntry(stream, *head));
    if (!crc) return Damaged(segment.path, "cut off");
    if (*crc != head->crc) return Damaged(segment.path, "an entry's checksum does not hold");
    committed = head->tag == kBorgCommit;
    if (head->tag == kBorgPut) places[head->id] = {number, static_cast<uint32_t>(offset)};
    if (head->tag == kBorgDelete) places.erase(head->id);
    if (places.size() > kMaxObjects) {
      return absl::ResourceExhaustedError("more objects than the bound allows to hold");
    }
  }
  if (number == transaction_ && !committed) return Damaged(segment.path, "not committed");
  return absl::OkStatus();
}

absl::Status BorgRepository::HoldAgainstIndex(const Places& places) const {
  if (places.size() != index_head_.entries) {
    return Damaged(index_path_, "it names " + std::to_string(index_head_.entries) +
                                    " objects, and the segments hold " +
                                    std::to_string(places.size()));
  }
  for (const auto& [id, place] : places) {
    TOM_ASSIGN_OR_RETURN(const std::optional<BorgPlace> named, Find(id));
    if (!named || named->segment != place.segment || named->offset != place.offset) {
      return Damaged(index_path_, "it does not name what the segments hold");
    }
  }
  return absl::OkStatus();
}

absl::Status BorgRepository::Verify() {
  if (bytes_ > kMaxVerifiedBytes || index_.empty()) {
    return absl::ResourceExhaustedError(ToAbsl(TooLargeToVerify(bytes_)));
  }
  if (WasVerified(*env_, top_, fingerprint_)) return absl::OkStatus();
  const int64_t deadline = env_->MonotonicMs() + kMaxVerifyMs;
  Places places;
  for (const auto& [number, segment] : segments_) {
    if (number > transaction_) break;  // written and not committed: a backup that runs, or broke
    TOM_RETURN_IF_ERROR(WalkSegment(number, segment, deadline, places));
  }
  if (segments_.count(transaction_) == 0) {
    return Damaged(index_path_, "segment " + std::to_string(transaction_) + " is missing");
  }
  TOM_RETURN_IF_ERROR(HoldAgainstIndex(places));
  KeepVerified(*env_, top_, fingerprint_);
  return absl::OkStatus();
}

}  // namespace tom
