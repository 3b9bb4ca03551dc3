// The input is a predicate, offered to the reader of every kind: what one accepts is written again
// as the same bytes.
#include "evidence/scope_statements.h"
#include "tests/fuzz/fuzz.h"

namespace tom {
namespace {

template <typename T>
void Offer(absl::StatusOr<T> (*read)(const Json&), const Json& predicate) {
  const auto statement = read(predicate);
  if (statement.ok()) TOM_FUZZ_CHECK(ToPredicate(*statement) == predicate);
}

}  // namespace

void Fuzz(std::string_view input) {
  const auto json = ParseCanonical(input);
  if (!json.ok()) return;
  const Json* inner = json->Find("predicate");
  const Json& predicate = inner == nullptr ? *json : *inner;
  Offer(EnrolmentAuthorisationFrom, predicate);
  Offer(EnrolmentFrom, predicate);
  Offer(HandoverFrom, predicate);
  Offer(ApprovalFrom, predicate);
  Offer(InventoryFrom, predicate);
  Offer(LabelFrom, predicate);
  Offer(ProfileStatementFrom, predicate);
  Offer(CatalogueVersionFrom, predicate);
  Offer(CatalogueStatementFrom, predicate);
  Offer(TickFrom, predicate);
  const auto body = InventoryBodyFrom(predicate);
  if (body.ok()) TOM_FUZZ_CHECK(InventoryBodyToJson(*body) == predicate);
}

}  // namespace tom
