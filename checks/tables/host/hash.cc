// Digests of files' content, by path, directory or pattern. Regular files alone, through links;
// bounded in size each and together.
#include <openssl/evp.h>

#include <array>
#include <memory>

#include "checks/engine/table.h"
#include "checks/tables/path_walk.h"
#include "evidence/digest.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr int64_t kMaxFileBytes = 64 << 20;
constexpr int64_t kMaxTotalBytes = 256 << 20;
constexpr size_t kPieceBytes = 1 << 20;

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// One digest of a file that comes in pieces. A provider may not have it (FIPS has no MD5): then
// its value is NULL.
class Hash {
 public:
  explicit Hash(const EVP_MD* method) : context_(EVP_MD_CTX_new()) {
    good_ = context_ != nullptr && EVP_DigestInit_ex(context_.get(), method, nullptr) == 1;
  }
  void Add(std::string_view bytes) {
    good_ = good_ && EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1;
  }
  Value Finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
    unsigned size = 0;
    if (!good_ || EVP_DigestFinal_ex(context_.get(), bytes.data(), &size) != 1) return {};
    return HexEncode({reinterpret_cast<const char*>(bytes.data()), size});
  }

 private:
  std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
  bool good_ = false;
};

struct Digests {
  Value md5;
  Value sha1;
  Value sha256;
};

bool Same(const FileInfo& a, const FileInfo& b) {
  return a.size == b.size && a.modified == b.modified && a.inode == b.inode &&
         a.device == b.device && a.changed == b.changed;
}

class HashRows {
 public:
  HashRows(Env& env, RowSink& sink)
      : env_(env),
        sink_(sink),
        walk_(env, sink, [this](const WalkedPath& found) { return Row(found); }) {}

  absl::Status Run(const TableContext& context) { return walk_.Run(context); }

 private:
  bool Row(const WalkedPath& found) {
    const auto info = env_.Stat(found.path);
    if (!info.ok()) {
      // A link that leads nowhere, or in a circle, has no content.
      if (!absl::IsFailedPrecondition(info.status())) walk_.Say(info.status());
      return true;
    }
    if (info->kind != FileKind::kRegular) return true;
    Digests digests;
    if (info->size > kMaxFileBytes) {
      sink_.Incomplete(found.path + ": larger than 64 MiB");
    } else if ((total_ += info->size) > kMaxTotalBytes) {
      sink_.Incomplete("more than 256 MiB of files");
      return false;
    } else if (auto read = Read(found.path, *info); read.ok()) {
      digests = *std::move(read);
    } else {
      sink_.Incomplete(std::string(read.status().message()));
    }
    return sink_.Add({{"path", found.path},
                      {"directory", found.directory},
                      {"md5", digests.md5},
                      {"sha1", digests.sha1},
                      {"sha256", digests.sha256}});
  }

  // The size is that of the look before: what grows meanwhile is not followed.
  absl::StatusOr<Digests> Read(const std::string& path, const FileInfo& before) {
    Hash md5(EVP_md5());
    Hash sha1(EVP_sha1());
    Sha256Stream sha256;
    int64_t at = 0;
    while (true) {
      TOM_ASSIGN_OR_RETURN(const std::string piece,
                           env_.ReadRange(path, static_cast<uint64_t>(at), kPieceBytes));
      md5.Add(piece);
      sha1.Add(piece);
      sha256.Add(piece);
      at += static_cast<int64_t>(piece.size());
      if (piece.size() < kPieceBytes || at > before.size) break;
    }
    TOM_ASSIGN_OR_RETURN(const FileInfo after, env_.Stat(path));
    if (at != before.size || !Same(before, after)) {
      return absl::UnavailableError(ToAbsl(path + ": changed while it was read"));
    }
    return Digests{md5.Finish(), sha1.Finish(), sha256.Finish().Hex()};
  }

  Env& env_;
  RowSink& sink_;
  PathWalk walk_;
  int64_t total_ = 0;
};

absl::Status GenerateHash(Env& env, const TableContext& context, RowSink& sink) {
  return HashRows(env, sink).Run(context);
}

}  // namespace

Table hash_table() {
  return {
      .name = "hash",
      .description = "Digests of files by path, directory or pattern (% in a name, %% all below)",
      .columns = {{.name = "path",
                   .description = "As the query names it, or found by it",
                   .pushdown = true},
                  {.name = "directory", .description = "Directory it stands in", .pushdown = true},
                  {.name = "md5",
                   .description = "MD5 of the content; NULL: not read, or no MD5 here"},
                  {.name = "sha1", .description = "SHA-1 of the content"},
                  {.name = "sha256", .description = "SHA-256 of the content"}},
      .generate = GenerateHash,
      .touches = WalkTouches};
}

}  // namespace tom
