// An envelope that is accepted is written again as the same bytes, and its payload passes the
// readers of statements.
#include "evidence/envelope.h"
#include "evidence/statement.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  const auto envelope = EnvelopeFromJson(input);
  if (envelope.ok()) TOM_FUZZ_CHECK(EnvelopeToJson(*envelope) == input);
  const std::string_view payload = envelope.ok() ? std::string_view(envelope->payload) : input;
  const auto statement = ParseStatement(payload);
  if (statement.ok()) TOM_FUZZ_CHECK(EncodeStatement(*statement) == payload);
  TOM_FUZZ_CHECK(statement.ok() || !ParseKindStatement(payload).ok());
}
