// What is mounted, and what is swapped to: an entry always has an absolute mount point.
#include "checks/parse/mountinfo.h"
#include "tests/fuzz/fuzz.h"

namespace tom {

void Fuzz(std::string_view input) {
  const MountInfo info = ParseMountInfo(input);
  TOM_FUZZ_CHECK(info.entries.size() <= kMaxMounts);
  for (const MountEntry& entry : info.entries) {
    TOM_FUZZ_CHECK(!entry.mount_point.empty() && entry.mount_point[0] == '/');
    TOM_FUZZ_CHECK(MountOfPath(info.entries, entry.mount_point) != nullptr);
    TOM_FUZZ_CHECK(MountOption(entry.super_options, "lowerdir").size() <= input.size());
  }
  for (const SwapEntry& entry : ParseSwaps(input).entries) TOM_FUZZ_CHECK(!entry.path.empty());
  TOM_FUZZ_CHECK(UnescapeOctal(input).size() <= input.size());
}

}  // namespace tom
