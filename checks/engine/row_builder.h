// One row of a result -> one RowResult, within its bounds. Internal to check_runner.
#ifndef TOM_CHECKS_ENGINE_ROW_BUILDER_H_
#define TOM_CHECKS_ENGINE_ROW_BUILDER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/engine/outcome.h"
#include "checks/engine/value.h"
#include "evidence/catalogue.h"

namespace tom {

// Knows the columns of one result.
class RowBuilder {
 public:
  // Fails without columns `subject` and `verdict`, or with a column twice.
  static absl::StatusOr<RowBuilder> Create(const Check& check,
                                           const std::vector<std::string>& columns);

  // Fails on a REAL and on a NULL or empty subject.
  absl::StatusOr<RowResult> Build(const ValueRow& cells, UnixSeconds now) const;

 private:
  enum class Use { kSubject, kVerdict, kReason, kValidUntil, kEvidence, kAside };
  struct Target {
    std::string name;
    Use use;
  };

  static void Place(const Target& target, const Value& value, RowResult& row,
                    std::vector<std::string>& doubts);

  std::vector<Target> targets_;
};

// `pass` and `not_applicable` become unknown with the reason put in front; `fail` and `unknown`
// stay.
void Doubt(RowResult& row, const std::string& reason);

}  // namespace tom

#endif  // TOM_CHECKS_ENGINE_ROW_BUILDER_H_
