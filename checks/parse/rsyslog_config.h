// rsyslog's configuration (rsyslog.conf(5), 8.2302): classic selector lines, `$` directives and
// RainerScript, as one list of statements with the included files' in place. What each form does
// was found by running rsyslogd; the suite log_forwarding holds us to it.
//
// Bytes -> values; the one thing asked for is the text of included files. Pure apart from that, and
// thread-safe.
#ifndef TOM_CHECKS_PARSE_RSYSLOG_CONFIG_H_
#define TOM_CHECKS_PARSE_RSYSLOG_CONFIG_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/parse/syslog_facility.h"

namespace tom {

inline constexpr size_t kMaxRsyslogStatements = 20000;
inline constexpr size_t kMaxRsyslogNesting = 32;
inline constexpr size_t kMaxRsyslogFiles = 500;

// Bit n: messages of severity n (0 emerg … 7 debug).
using SyslogMask = std::array<uint8_t, kSyslogFacilities>;

// What of an expression can be told from facility and severity alone.
struct RsyslogExpr {
  enum class Kind { kText, kNumber, kVariable, kFunction, kArray, kNot, kNegate, kBinary };
  Kind kind = Kind::kText;
  std::string text;  // text, a variable's name without $, a function, an operator: lower case
  int64_t number = 0;
  std::vector<RsyslogExpr> parts;
};

// name=value of an object; names in lower case. The last of a name given twice counts, as in
// rsyslogd, which complains and goes on.
using RsyslogParameters = std::map<std::string, std::vector<std::string>, std::less<>>;

struct RsyslogStatement {
  enum class Kind {
    kSetting,   // $name value
    kObject,    // global, module, input, template, …; a ruleset's statements are in `then`
    kAction,    // `name` is the module: omfwd, omfile, …
    kStop,      // stop, ~
    kCall,      // of the ruleset `name`
    kIf,        // `condition`
    kSelector,  // `mask`
    kProperty,  // `name` compared by `operation` with `value`
    kLoop,      // foreach
    kSet,       // set, unset, reset: local variables
    kUnknown,   // whose effect is not known, such as call_indirect
  };
  Kind kind = Kind::kUnknown;
  std::string name;
  std::string value;
  std::string operation;
  bool negated = false;
  bool legacy = false;  // an action in the classic form, to which `$Action…` settings apply
  SyslogMask mask = {};
  RsyslogExpr condition;
  RsyslogParameters parameters;
  std::vector<RsyslogStatement> then;
  std::vector<RsyslogStatement> otherwise;
  std::string file;
  int line = 0;

  // The parameter's only or first value, or `fallback`.
  std::string Parameter(std::string_view parameter, std::string_view fallback = "") const;
  std::string Place() const;  // "/etc/rsyslog.conf:7"
};

struct RsyslogSource {
  std::string path;
  std::string text;
};

// The files of an include in their order; NotFound: there is none of that name, and it is no
// pattern. Any other error stops the reading with its message.
using RsyslogIncludes =
    std::function<absl::StatusOr<std::vector<RsyslogSource>>(const std::string& pattern)>;

struct RsyslogConfig {
  std::vector<RsyslogStatement> statements;
  std::vector<std::string> complaints;  // what rsyslogd reports and goes on without
  std::string refused;                  // why rsyslogd does not start with it
};

// InvalidArgument, naming file and line: what rsyslogd refuses, or what is not understood here.
// ResourceExhausted: beyond a bound.
absl::StatusOr<RsyslogConfig> ParseRsyslogConfig(const RsyslogSource& main,
                                                 const RsyslogIncludes& includes);

// The mask of "auth,authpriv.*;mail.none"; false when rsyslogd complains (what stands before the
// fault still counts).
bool ReadSyslogSelector(std::string_view text, SyslogMask& mask);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_RSYSLOG_CONFIG_H_
