// What the agent's processes say to each other, and what its spool gives back: the child has read
// hostile files and the disk may have lied. What is accepted, encodes to what is read again.
#include "agent/address.h"
#include "agent/cycle.h"
#include "agent/drill/drill.h"
#include "agent/evaluate_format.h"
#include "agent/spool_format.h"
#include "agent/state.h"
#include "agent/token.h"
#include "tests/fuzz/fuzz.h"

namespace tom {
namespace {

void Pipes(std::string_view input) {
  if (const auto reply = ParseReply(input); reply.ok()) {
    std::string line = EncodeReply(*reply);
    TOM_FUZZ_CHECK(line.ends_with('\n'));
    line.pop_back();
    TOM_FUZZ_CHECK(ParseReply(line).ok());
  }
  if (const auto request = ParseRequest(input); request.ok()) {
    TOM_FUZZ_CHECK(request->indices.size() == request->request.jobs.size());
  }
  if (const auto cycle = ParseCycle(input); cycle.ok()) TOM_FUZZ_CHECK(EncodeCycle(*cycle).ok());
  const CycleHint hint = ParseHint(input);
  TOM_FUZZ_CHECK(EncodeHint(ParseHint(EncodeHint(hint))) == EncodeHint(hint));
  if (const auto drill = ParseDrillOutcome(input); drill.ok()) {
    TOM_FUZZ_CHECK(ParseDrillOutcome(EncodeDrillOutcome(*drill)).ok());
  }
}

void Spool(std::string_view input) {
  if (input.size() >= kRecordHeaderBytes) {
    if (const auto header = ParseRecordHeader(input.substr(0, kRecordHeaderBytes)); header.ok()) {
      TOM_FUZZ_CHECK(header->length <= kMaxRecordBytes && header->sha.size() == 32);
      static_cast<void>(RecordIsWhole(*header, input.substr(kRecordHeaderBytes)));
    }
  }
  if (const auto one = ParseStatementRecord(input); one.ok()) {
    TOM_FUZZ_CHECK(EncodeStatementRecord(one->envelope, one->blobs) == input);
  }
  if (const auto done = ParseDoneRecord(input); done.ok()) {
    TOM_FUZZ_CHECK(EncodeDoneRecord(*done) == input);
  }
  if (const auto tip = ParseForkRecord(input); tip.ok()) {
    TOM_FUZZ_CHECK(EncodeForkRecord(*tip) == input);
  }
}

}  // namespace

void Fuzz(std::string_view input) {
  Pipes(input);
  Spool(input);
  if (const auto facts = ParseEnrolmentFacts(input); facts.ok()) {
    TOM_FUZZ_CHECK(EncodeEnrolmentFacts(*facts) == input);
  }
  if (const auto address = ParseAddress(input); address.ok()) {
    const auto again = ParseAddress(address->Text());
    TOM_FUZZ_CHECK(again.ok() && again->host == address->host && again->port == address->port);
  }
  const auto token = ParseToken(input);
  TOM_FUZZ_CHECK(!token.ok() || (token->secret.size() >= 16 && token->secret.size() <= 64));
}

}  // namespace tom
