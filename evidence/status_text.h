// std <-> abseil string conversions and error constructors: Debian's abseil has a string_view of
// its own, so its types stay out of our headers and meet std's only here.
#ifndef TOM_EVIDENCE_STATUS_TEXT_H_
#define TOM_EVIDENCE_STATUS_TEXT_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace tom {

inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view FromAbsl(absl::string_view text) { return {text.data(), text.size()}; }

// `status` with `where` put before its message: "records/a.json: predicate.seq: not an integer".
inline absl::Status Annotate(const absl::Status& status, std::string_view where) {
  if (status.ok()) return status;
  return {status.code(), ToAbsl(std::string(where) + ": " + std::string(status.message()))};
}

// The bytes are not what the format says.
inline absl::Status BadData(std::string_view message) {
  return absl::InvalidArgumentError(ToAbsl(message));
}

}  // namespace tom

// Returns the status of `expression` from the enclosing function unless it is OK.
#define TOM_RETURN_IF_ERROR(expression)        \
  do {                                         \
    absl::Status tom_status_ = (expression);   \
    if (!tom_status_.ok()) return tom_status_; \
  } while (false)

#define TOM_CONCAT_INNER_(a, b) a##b
#define TOM_CONCAT_(a, b) TOM_CONCAT_INNER_(a, b)

// Declares or assigns `target` from a StatusOr, or returns its status from the enclosing function.
#define TOM_ASSIGN_OR_RETURN(target, expression) \
  TOM_ASSIGN_OR_RETURN_INNER_(TOM_CONCAT_(tom_or_, __LINE__), target, expression)
#define TOM_ASSIGN_OR_RETURN_INNER_(temporary, target, expression) \
  auto temporary = (expression);                                   \
  if (!temporary.ok()) return temporary.status();                  \
  target = std::move(temporary).value()

#endif  // TOM_EVIDENCE_STATUS_TEXT_H_
