#include "collector/pack/pack_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "evidence/pack_reader.h"
#include "evidence/status_text.h"
#include "evidence/zip_layout.h"

namespace tom {
namespace {

absl::Status FileError(const std::string& path, std::string_view what) {
  return absl::InternalError(ToAbsl(path + ": " + std::string(what) + ": " + std::strerror(errno)));
}

uint32_t AddCrc(uint32_t crc, std::string_view bytes) {
  return static_cast<uint32_t>(
      crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<PackWriter>> PackWriter::Create(const std::string& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) == 0) {
    return absl::AlreadyExistsError(ToAbsl(path + ": there is something already"));
  }
  std::unique_ptr<PackWriter> writer(new PackWriter(path));
  writer->temporary_ = path + ".XXXXXX";
  writer->fd_ = mkostemp(writer->temporary_.data(), O_CLOEXEC);
  if (writer->fd_ < 0) return FileError(path, "creating it");
  TOM_RETURN_IF_ERROR(writer->AddFile("mimetype", kPackMimetype));
  return writer;
}

PackWriter::~PackWriter() {
  if (fd_ < 0) return;
  close(fd_);
  unlink(temporary_.c_str());
}

absl::Status PackWriter::Write(std::string_view bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t put = pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return FileError(path_, "writing it");
    bytes.remove_prefix(static_cast<size_t>(put));
    offset += static_cast<uint64_t>(put);
  }
  return absl::OkStatus();
}

absl::Status PackWriter::Begin(const std::string& name) {
  TOM_RETURN_IF_ERROR(CheckPackName(name));
  if (sha_ != nullptr) return absl::FailedPreconditionError("the file before has not ended");
  if (entries_.size() >= kMaxPackEntries) {
    return absl::ResourceExhaustedError("a pack holds at most 65,000 files: split the period");
  }
  entries_.push_back({name, static_cast<uint32_t>(written_), 0, 0});
  sha_ = std::make_unique<Sha256Stream>();
  const std::string header = zip::LocalHeader(name, 0, 0);
  TOM_RETURN_IF_ERROR(Write(header, written_));
  written_ += header.size();
  return absl::OkStatus();
}

absl::Status PackWriter::Append(std::string_view bytes) {
  if (sha_ == nullptr) return absl::FailedPreconditionError("no file is open");
  if (written_ + bytes.size() > kMaxPackBytes - (64u << 20)) {  // room for META-INF and directory
    return absl::ResourceExhaustedError("a pack holds at most 3.5 GiB: split the period");
  }
  sha_->Add(bytes);
  Entry& entry = entries_.back();
  entry.crc = AddCrc(entry.crc, bytes);
  entry.size += static_cast<uint32_t>(bytes.size());
  TOM_RETURN_IF_ERROR(Write(bytes, written_));
  written_ += bytes.size();
  return absl::OkStatus();
}

absl::Status PackWriter::End() {
  if (sha_ == nullptr) return absl::FailedPreconditionError("no file is open");
  const Entry& entry = entries_.back();
  // Sizes stand in the local header itself: readers need no data descriptor.
  TOM_RETURN_IF_ERROR(Write(zip::LocalHeader(entry.name, entry.crc, entry.size), entry.offset));
  payload_.emplace_back(entry.name, sha_->Finish());
  sha_.reset();
  return absl::OkStatus();
}

absl::Status PackWriter::AddFile(const std::string& name, std::string_view bytes) {
  const std::string header =
      zip::LocalHeader(name, AddCrc(0, bytes), static_cast<uint32_t>(bytes.size()));
  entries_.push_back({name, static_cast<uint32_t>(written_), AddCrc(0, bytes),
                      static_cast<uint32_t>(bytes.size())});
  TOM_RETURN_IF_ERROR(Write(header, written_));
  TOM_RETURN_IF_ERROR(Write(bytes, written_ + header.size()));
  written_ += header.size() + bytes.size();
  return absl::OkStatus();
}

absl::Status PackWriter::Finish(const PackSigner& signer, const StampFetcher& stamp) {
  if (sha_ != nullptr) return absl::FailedPreconditionError("a file has not ended");
  const std::string manifest = RenderManifest(payload_);
  TOM_ASSIGN_OR_RETURN(const std::string signature, SignDetachedCms(manifest, signer, stamp));
  TOM_RETURN_IF_ERROR(AddFile(std::string(kManifestName), manifest));
  TOM_RETURN_IF_ERROR(AddFile(std::string(kSignatureName), signature));
  if (stamp) {
    std::vector<NamedDigest> files = payload_;
    files.emplace_back(kManifestName, Sha256(manifest));
    files.emplace_back(kSignatureName, Sha256(signature));
    const std::string archive = RenderArchiveManifest(files);
    TOM_ASSIGN_OR_RETURN(const std::string token, stamp(Sha256(archive)));
    TOM_RETURN_IF_ERROR(AddFile(std::string(kArchiveManifestName), archive));
    TOM_RETURN_IF_ERROR(AddFile(std::string(kArchiveStampName), token));
  }
  TOM_RETURN_IF_ERROR(WriteDirectory());
  return Publish();
}

absl::Status PackWriter::WriteDirectory() {
  std::string directory;
  for (const Entry& entry : entries_) {
    directory += zip::CentralHeader(entry.name, entry.crc, entry.size, entry.offset);
  }
  directory +=
      zip::EndRecord(static_cast<uint16_t>(entries_.size()),
                     static_cast<uint32_t>(directory.size()), static_cast<uint32_t>(written_));
  return Write(directory, written_);
}

absl::Status PackWriter::Publish() {
  if (fsync(fd_) != 0) return FileError(path_, "making it durable");
  // link, not rename: what stands there by now must not be replaced.
  if (link(temporary_.c_str(), path_.c_str()) != 0) return FileError(path_, "naming it");
  unlink(temporary_.c_str());
  close(fd_);
  fd_ = -1;
  return absl::OkStatus();
}

}  // namespace tom
