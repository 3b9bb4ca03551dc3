// A server's words in the clear: the first byte says which protocol and goal, the second how the
// rest comes in pieces. The talk ends, says little, and never sends what it was not asked for.
#include <algorithm>

#include "checks/parse/starttls.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  if (input.size() < 2) return;
  const unsigned choice = static_cast<unsigned char>(input[0]);
  const size_t piece = 1 + static_cast<unsigned char>(input[1]);
  input.remove_prefix(2);
  StarttlsRequest request;
  request.protocol = static_cast<StarttlsProtocol>(choice & 7);
  request.goal = (choice & 8) != 0 ? StarttlsGoal::kPlaintext : StarttlsGoal::kTls;
  request.to_server = (choice & 16) != 0;
  const auto talk = MakeStarttlsTalk(request);
  TOM_FUZZ_CHECK(talk->Open().size() < 512);
  StarttlsEnd end = StarttlsEnd::kGoing;
  size_t received = 0;
  size_t sent = 0;
  while (!input.empty() && end == StarttlsEnd::kGoing) {
    const std::string_view now = input.substr(0, std::min(piece, input.size()));
    input.remove_prefix(now.size());
    received += now.size();
    const StarttlsStep step = talk->Receive(now);
    sent += step.send.size();
    end = step.end;
  }
  TOM_FUZZ_CHECK(sent < 1024);
  TOM_FUZZ_CHECK(talk->text().size() <= 200);
  TOM_FUZZ_CHECK(end != StarttlsEnd::kGoing || received <= kMaxStarttlsBytes + piece);
  const bool tls = request.goal == StarttlsGoal::kTls;
  TOM_FUZZ_CHECK(tls ? end != StarttlsEnd::kDone : end != StarttlsEnd::kGo);
  TOM_FUZZ_CHECK(!talk->injected() || end == StarttlsEnd::kGo);
}
