// Files of /etc/pam.d and /etc/pam.conf (pam.conf(5)) as libpam 1.5.2 of Debian 12 reads them:
// bytes in, lines out; following includes is the caller's.
//
// libpam reads pieces of at most 1,023 bytes: what a longer line has behind them is a line of its
// own, even when it began as a comment. A comment ends a line, backslash or not; a backslash at the
// end stands for one blank.
#ifndef TOM_CHECKS_PARSE_PAM_LINES_H_
#define TOM_CHECKS_PARSE_PAM_LINES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tom {

inline constexpr size_t kMaxPamLines = 20000;

enum class PamType {
  kAuth,
  kAccount,
  kSession,
  kPassword,
  kInclude,  // Debian's "@include FILE": lines of whatever type
  kNone,     // no type that libpam knows: it takes the line for one of the type that it is looking
             // for, else auth, and lets it fail
};

struct PamLine {
  int number = 0;       // of the line's first piece
  std::string service;  // in /etc/pam.conf
  PamType type = PamType::kNone;
  bool silent = false;  // "-auth": only silences the log
  std::string control;  // brackets dropped; "include" and "substack" among them
  std::string module;   // or the included file; "" when there is none
  std::vector<std::string> arguments;
};

struct PamFile {
  std::vector<PamLine> lines;
  // libpam gives up: the file ends within a line. It then lets nobody in by this service.
  std::string aborted;
};

// `with_service`: the first word of a line is the service (/etc/pam.conf). InvalidArgument, naming
// path and line: what libpam makes of the file is not known here (a NUL, a line of pieces longer
// than its buffer, too many lines).
absl::StatusOr<PamFile> ParsePamFile(std::string_view text, const std::string& path,
                                     bool with_service = false);

// "auth"; "" for kNone.
std::string_view PamTypeName(PamType type);

// Words of a line: blanks part them, "[…]" is one word without its brackets, "\]" a bracket in it
// (_pam_StrTok).
std::vector<std::string> SplitPamWords(std::string_view text);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_PAM_LINES_H_
