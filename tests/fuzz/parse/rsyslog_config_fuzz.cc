// rsyslog's configuration: whatever the bytes, reading and following them ends, what surely reaches
// a sender perhaps reaches it too, and a file that includes itself is no way out.
#include "checks/parse/rsyslog_flow.h"
#include "tests/fuzz/fuzz.h"

namespace tom {

void Fuzz(std::string_view input) {
  const std::string text(input);
  const auto config = ParseRsyslogConfig(
      {"f", text}, [&](const std::string& pattern) -> absl::StatusOr<std::vector<RsyslogSource>> {
        if (pattern != "/f") return absl::NotFoundError("none");
        return std::vector<RsyslogSource>{{"f", text}};
      });
  SyslogMask mask;
  ReadSyslogSelector(input, mask);
  if (!config.ok()) return;
  const RsyslogFlow flow = FollowRsyslog(*config);
  for (const RsyslogForward& one : flow.forwards) {
    for (size_t i = 0; i < kSyslogFacilities; ++i) {
      TOM_FUZZ_CHECK((one.surely[i] & ~one.perhaps[i]) == 0);
    }
  }
}

}  // namespace tom
