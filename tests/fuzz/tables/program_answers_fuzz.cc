// What programs print and apt's files say where a table reads them itself.
#include "checks/tables/apt_state.h"
#include "checks/tables/backup_kinds.h"
#include "checks/tables/block_device.h"
#include "checks/tables/sshd_view.h"
#include "tests/fuzz/fuzz.h"

namespace tom {

void Fuzz(std::string_view input) {
  if (const auto content = ParseResticSnapshots(input); content.ok()) {
    TOM_FUZZ_CHECK(content->snapshots.size() <= kMaxListedSnapshots);
    for (const BackupSnapshot& one : content->snapshots) {
      TOM_FUZZ_CHECK(!one.id.empty() && one.nanos >= 0 && one.nanos < 1000000000);
    }
    for (size_t i = 1; i < content->snapshots.size(); ++i) {
      TOM_FUZZ_CHECK(content->snapshots[i - 1].time >= content->snapshots[i].time);
    }
  }
  static_cast<void>(ParseSshdTestOutput(std::string(input)));
  static_cast<void>(ParseReleaseDate(input));
  static_cast<void>(ParseDeviceNumber(input));
}

}  // namespace tom
