// Exit codes (interfaces.md), the same for every format.
#ifndef TOM_AGENT_EXIT_CODE_H_
#define TOM_AGENT_EXIT_CODE_H_

#include "absl/status/status.h"

namespace tom {

inline constexpr int kExitAllPass = 0;
inline constexpr int kExitFailed = 1;  // the operation itself
inline constexpr int kExitSubjectFailed = 2;
inline constexpr int kExitUnknown = 3;  // nothing failed, something is unknown
inline constexpr int kExitUsage = 64;
inline constexpr int kExitBadData = 65;
inline constexpr int kExitNoInput = 66;
inline constexpr int kExitUnavailable = 69;
inline constexpr int kExitNoPermission = 77;
inline constexpr int kExitConfiguration = 78;

// Prints "tom-agent: message" to standard error, safe for a terminal, and gives `code`.
int ReportError(const absl::Status& status, int code);
// With the code that fits the status: 66 not found, 77 no permission, 65 bad data, 69 unavailable,
// else 1.
int ReportError(const absl::Status& status);

}  // namespace tom

#endif  // TOM_AGENT_EXIT_CODE_H_
