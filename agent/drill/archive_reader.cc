#include "agent/drill/archive_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <memory>

#include "absl/strings/str_cat.h"
#include "agent/drill/archive_library.h"
#include "agent/state_file.h"
#include "checks/engine/clean_text.h"
#include "evidence/canonical_json.h"
#include "evidence/status_text.h"
#include "evidence/utc_time.h"

namespace tom {
namespace {

constexpr size_t kBlock = 64 << 10;
constexpr size_t kMaxPath = 4096;
constexpr size_t kMaxReason = 300;

class Reader {
 public:
  static absl::StatusOr<Reader> Open(int fd) {
    const ArchiveLibrary* library = LoadArchiveLibrary();
    if (library == nullptr) return absl::UnavailableError("libarchive is not installed");
    // Names come as they are written only where the locale knows them.
    static_cast<void>(std::setlocale(LC_CTYPE, "C.UTF-8"));
    Reader reader(*library);
    for (const auto support : {library->filter_gzip, library->filter_bzip2, library->filter_xz,
                               library->filter_lz4, library->filter_zstd, library->format_tar,
                               library->format_cpio, library->format_raw, library->format_empty}) {
      // A warning says that it would run a program for it.
      if (support(reader.archive_.get()) != ARCHIVE_OK) {
        return absl::UnavailableError("libarchive lacks a format");
      }
    }
    if (lseek(fd, 0, SEEK_SET) != 0) return FileError("the archive", "cannot be read");
    if (library->open_fd(reader.archive_.get(), fd, kBlock) != ARCHIVE_OK) return reader.Error();
    return reader;
  }

  // Null at the end.
  absl::StatusOr<archive_entry*> Next() {
    archive_entry* entry = nullptr;
    const int code = library_->next_header(archive_.get(), &entry);
    if (code == ARCHIVE_EOF) return nullptr;
    if (code != ARCHIVE_OK && code != ARCHIVE_WARN) return Error();
    ++number_;
    return entry;
  }

  absl::Status Skip() {
    const int code = library_->data_skip(archive_.get());
    return code == ARCHIVE_OK || code == ARCHIVE_WARN ? absl::OkStatus() : Error();
  }

  struct Block {
    std::string_view bytes;
    int64_t offset = 0;
    bool end = false;
  };
  absl::StatusOr<Block> NextBlock() {
    const void* data = nullptr;
    size_t size = 0;
    la_int64_t offset = 0;
    const int code = library_->data_block(archive_.get(), &data, &size, &offset);
    if (code == ARCHIVE_EOF) return Block{.bytes = {}, .offset = offset, .end = true};
    if (code != ARCHIVE_OK && code != ARCHIVE_WARN) return Error();
    return Block{.bytes = {static_cast<const char*>(data), size}, .offset = offset};
  }

  // Of an entry that Next gave.
  int64_t number() const { return number_; }
  bool IsStream() const { return library_->format(archive_.get()) == ARCHIVE_FORMAT_RAW; }
  const ArchiveLibrary& library() const { return *library_; }

 private:
  struct Free {
    const ArchiveLibrary* library;
    void operator()(archive* one) const { library->read_free(one); }
  };
  explicit Reader(const ArchiveLibrary& library)
      : library_(&library), archive_(library.read_new(), Free{&library}) {}

  absl::Status Error() const {
    const char* text = library_->error_string(archive_.get());
    return absl::DataLossError(ToAbsl("the archive cannot be read: " +
                                      CleanText(text == nullptr ? "" : text, kMaxReason)));
  }

  const ArchiveLibrary* library_;
  std::unique_ptr<archive, Free> archive_;
  int64_t number_ = 0;
};

std::string_view TypeOf(const Reader& reader, archive_entry* entry) {
  const ArchiveLibrary& library = reader.library();
  if (reader.IsStream()) return "stream";
  if (library.hardlink(entry) != nullptr) return "other";
  const auto type = library.filetype(entry);
  if (type == AE_IFREG && library.size_is_set(entry) != 0 && library.size(entry) >= 0)
    return "file";
  return type == AE_IFLNK && library.symlink(entry) != nullptr ? "symlink" : "other";
}

std::string MtimeOf(const ArchiveLibrary& library, archive_entry* entry) {
  std::string text = FormatUtc(library.mtime(entry));
  const int64_t nanoseconds = library.mtime_nsec(entry);
  if (nanoseconds <= 0 || nanoseconds > 999999999) return text;
  text.pop_back();
  const std::string digits = std::to_string(nanoseconds);
  return text + "." + std::string(9 - digits.size(), '0') + digits + "Z";
}

// A name that is not UTF-8 cannot be told: its entry is one of those that are no candidates.
std::string LineOf(const Reader& reader, archive_entry* entry) {
  const ArchiveLibrary& library = reader.library();
  Json::Object line = {{"struct_type", "node"}, {"number", reader.number()}};
  const char* name = library.pathname(entry);
  std::string_view path = name == nullptr ? "" : name;
  std::string_view type = TypeOf(reader, entry);
  if (path.empty() || path.size() > kMaxPath || !EncodeCanonical(Json(path)).ok()) {
    path = "?";
    type = "other";
  }
  line["path"] = path;
  line["type"] = type;
  if (type == "file") line["size"] = std::min<int64_t>(library.size(entry), Json::kMaxInteger);
  line["mtime"] = MtimeOf(library, entry);
  if (type == "symlink") line["linktarget"] = TextOrBytes(library.symlink(entry));
  return Canonical(line) + "\n";
}

absl::Status List(int archive, int out) {
  TOM_ASSIGN_OR_RETURN(Reader reader, Reader::Open(archive));
  std::string lines;
  while (true) {
    TOM_ASSIGN_OR_RETURN(archive_entry * entry, reader.Next());
    if (entry == nullptr) break;
    lines += LineOf(reader, entry);
    if (lines.size() > kBlock) {
      TOM_RETURN_IF_ERROR(WriteAll(out, lines, "listing"));
      lines.clear();
    }
    TOM_RETURN_IF_ERROR(reader.Skip());
  }
  return WriteAll(out, lines, "listing");
}

absl::Status WriteAt(int fd, std::string_view bytes, int64_t offset) {
  while (!bytes.empty()) {
    const ssize_t put = pwrite(fd, bytes.data(), bytes.size(), offset);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return FileError("scratch", "cannot write");
    bytes.remove_prefix(static_cast<size_t>(put));
    offset += put;
  }
  return absl::OkStatus();
}

absl::Status RestoreOne(Reader& reader, const ArchiveTarget& target) {
  const OwnedFd fd(
      open(target.file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.ok()) return FileError("scratch", "cannot create");
  while (true) {
    TOM_ASSIGN_OR_RETURN(Reader::Block block, reader.NextBlock());
    if (block.end) break;
    const int64_t room = std::max<int64_t>(target.size - block.offset, 0);
    const bool fits = block.offset >= 0 && static_cast<int64_t>(block.bytes.size()) <= room;
    if (!fits && !target.stream) return absl::DataLossError("an entry has more than it lists");
    // Of a long stream the rest is read to its end, and not kept.
    block.bytes = block.bytes.substr(0, static_cast<size_t>(room));
    TOM_RETURN_IF_ERROR(WriteAt(fd.get(), block.bytes, block.offset));
  }
  // A hole at the end has no block.
  if (!target.stream && ftruncate(fd.get(), target.size) != 0) {
    return FileError("scratch", "cannot write");
  }
  return absl::OkStatus();
}

absl::Status Restore(int archive, const std::map<int64_t, ArchiveTarget>& wanted) {
  TOM_ASSIGN_OR_RETURN(Reader reader, Reader::Open(archive));
  size_t left = wanted.size();
  while (left > 0) {
    TOM_ASSIGN_OR_RETURN(archive_entry * entry, reader.Next());
    if (entry == nullptr) return absl::DataLossError("the archive ends before its sample");
    const auto found = wanted.find(reader.number());
    if (found == wanted.end()) {
      TOM_RETURN_IF_ERROR(reader.Skip());
      continue;
    }
    TOM_RETURN_IF_ERROR(RestoreOne(reader, found->second));
    --left;
  }
  return absl::OkStatus();
}

int ExitStatus(const absl::Status& status) {
  if (status.ok()) return 0;
  static_cast<void>(WriteAll(2, absl::StrCat(status.message(), "\n"), "standard error"));
  return absl::IsUnavailable(status) ? 69 : 1;
}

}  // namespace

int ListArchive(int archive, int out) { return ExitStatus(List(archive, out)); }

int RestoreArchive(int archive, const std::map<int64_t, ArchiveTarget>& wanted) {
  return ExitStatus(Restore(archive, wanted));
}

}  // namespace tom
