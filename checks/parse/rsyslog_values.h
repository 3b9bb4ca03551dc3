// The smaller parts of rsyslog's configuration. Internal to rsyslog_config.
#ifndef TOM_CHECKS_PARSE_RSYSLOG_VALUES_H_
#define TOM_CHECKS_PARSE_RSYSLOG_VALUES_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "checks/parse/rsyslog_cursor.h"

namespace tom {

// A quoted text: '…' or "…" with escapes, `…` whose value only rsyslogd knows (a NUL byte).
absl::Status ReadRsyslogText(RsyslogCursor& cursor, std::string& text);

// name="value" name=["a", "b"] … up to and with the closing parenthesis.
absl::Status ReadRsyslogParameters(RsyslogCursor& cursor, RsyslogParameters& parameters);

// An expression; `and` and `or` bind alike, from left to right, `not` binds closest of all.
absl::StatusOr<RsyslogExpr> ReadRsyslogExpr(RsyslogCursor& cursor);

// Whether `facility.priority` begins here, or `:property, operation, "value"`.
bool IsSelector(std::string_view text);
bool IsPropertyFilter(std::string_view text);

// An action in the classic form; name, parameters and `legacy` of `action` are filled in. False:
// not understood.
bool ReadLegacyActionText(const std::string& text, RsyslogStatement& action);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_RSYSLOG_VALUES_H_
