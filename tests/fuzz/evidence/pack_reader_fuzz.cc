// The strict ZIP reader: whatever it opens reads the same whole and in pieces, and has no bytes
// that no entry accounts for.
#include <fcntl.h>
#include <unistd.h>

#include <set>

#include "evidence/container_claims.h"
#include "evidence/pack_reader.h"
#include "evidence/zip_layout.h"
#include "tests/fuzz/fuzz.h"

namespace tom {
namespace {

// One file of this process's own; libFuzzer may run several.
const std::string& File() {
  static const std::string& path =
      *new std::string(std::string(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp") +
                       "/pack-reader-fuzz-" + std::to_string(getpid()));
  return path;
}

void Write(std::string_view input) {
  const int fd = open(File().c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  TOM_FUZZ_CHECK(fd >= 0);
  TOM_FUZZ_CHECK(write(fd, input.data(), input.size()) == static_cast<ssize_t>(input.size()));
  close(fd);
}

}  // namespace

void Fuzz(std::string_view input) {
  Write(input);
  const auto pack = PackReader::Open(File());
  if (pack.ok()) {
    TOM_FUZZ_CHECK(!pack->names().empty() && pack->names().front() == "mimetype");
    const std::set<std::string> unique(pack->names().begin(), pack->names().end());
    TOM_FUZZ_CHECK(unique.size() == pack->names().size());
    size_t bytes = 0;
    for (const std::string& name : pack->names()) {
      TOM_FUZZ_CHECK(CheckPackName(name).ok());
      const auto whole = pack->Read(name);
      const auto digest = pack->DigestOf(name);
      TOM_FUZZ_CHECK(whole.ok() == digest.ok());
      if (!whole.ok()) continue;
      TOM_FUZZ_CHECK(Sha256(*whole) == *digest);
      bytes += whole->size();
    }
    TOM_FUZZ_CHECK(bytes < input.size());
    (void)JudgeContainer(*pack, {});
  }
  unlink(File().c_str());
}

}  // namespace tom
