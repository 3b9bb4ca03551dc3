#include "collector/pack/pack_spool.h"

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "evidence/pack_reader.h"
#include "evidence/read_file.h"
#include "evidence/status_text.h"

namespace tom {

absl::StatusOr<std::unique_ptr<PackSpool>> PackSpool::Create(const std::string& parent) {
  std::string folder = parent + "/tom-pack-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    return absl::InternalError(ToAbsl(folder + ": " + std::strerror(errno)));
  }
  return std::unique_ptr<PackSpool>(new PackSpool(std::move(folder)));
}

PackSpool::~PackSpool() {
  for (const auto& [name, file] : files_) unlink(PathOf(file.number).c_str());
  rmdir(folder_.c_str());
}

absl::Status PackSpool::Put(const std::string& name, std::string_view bytes) {
  TOM_RETURN_IF_ERROR(Annotate(CheckPackName(name), "payload"));
  if (bytes.size() > kMaxPackFileBytes) {
    return absl::ResourceExhaustedError(ToAbsl(name + ": over 256 MiB: split the period"));
  }
  const auto found = files_.find(name);
  const int number = found == files_.end() ? static_cast<int>(files_.size()) : found->second.number;
  files_[name] = {number, Sha256(bytes)};
  std::ofstream out(PathOf(number), std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) return absl::InternalError(ToAbsl(PathOf(number) + ": could not be written"));
  return absl::OkStatus();
}

absl::StatusOr<std::string> PackSpool::Get(const std::string& name) const {
  const auto found = files_.find(name);
  if (found == files_.end()) return absl::NotFoundError(ToAbsl(name + ": not in the pack"));
  return ReadSmallFile(PathOf(found->second.number), kMaxPackFileBytes);
}

std::vector<std::string> PackSpool::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, file] : files_) names.push_back(name);
  return names;
}

}  // namespace tom
