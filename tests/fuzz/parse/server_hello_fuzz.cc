// What a server answers, in one piece and byte by byte: the same conclusion.
#include "checks/parse/server_hello.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  const ServerFlight whole = ParseServerFlight(input);
  TOM_FUZZ_CHECK(whole.certificates.size() <= 100);
  TOM_FUZZ_CHECK(whole.kind != ServerFlight::Kind::kHello || !whole.flight_ended || whole.complete);
  ServerFlightReader reader;
  for (size_t i = 0; i < input.size(); ++i) reader.Add(input.substr(i, 1));
  const ServerFlight& flight = reader.flight();
  TOM_FUZZ_CHECK(flight.kind == whole.kind && flight.complete == whole.complete);
  TOM_FUZZ_CHECK(flight.version == whole.version && flight.suite == whole.suite);
  TOM_FUZZ_CHECK(flight.certificates == whole.certificates);
}
