#include "agent/exit_code.h"

#include <iostream>

#include "evidence/status_text.h"
#include "evidence/terminal_text.h"

namespace tom {

int ReportError(const absl::Status& status, int code) {
  std::cerr << "tom-agent: " << TerminalText(FromAbsl(status.message())) << "\n";
  return code;
}

int ReportError(const absl::Status& status) {
  if (absl::IsNotFound(status)) return ReportError(status, kExitNoInput);
  if (absl::IsPermissionDenied(status) || absl::IsUnauthenticated(status)) {
    return ReportError(status, kExitNoPermission);
  }
  if (absl::IsInvalidArgument(status)) return ReportError(status, kExitBadData);
  if (absl::IsUnavailable(status)) return ReportError(status, kExitUnavailable);
  return ReportError(status, kExitFailed);
}

}  // namespace tom
