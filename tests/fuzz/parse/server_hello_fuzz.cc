// What a server answers, in one piece and byte by byte: the same conclusion, and `need` skips none.
#include "checks/parse/server_hello.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  const ServerFlight whole = ParseServerFlight(input);
  TOM_FUZZ_CHECK(whole.certificates.size() <= 32);
  TOM_FUZZ_CHECK(whole.complete || whole.need > input.size());
  TOM_FUZZ_CHECK(whole.kind != ServerFlight::Kind::kHello || !whole.flight_ended || whole.complete);
  if (input.size() > 2000) return;
  ServerFlight flight;
  for (size_t size = 1; size <= input.size() && !flight.complete; ++size) {
    if (size >= flight.need) flight = ParseServerFlight(input.substr(0, size));
  }
  // A record that is complete only with bytes not yet there says nothing about them.
  TOM_FUZZ_CHECK(flight.kind == whole.kind);
  TOM_FUZZ_CHECK(flight.version == whole.version && flight.suite == whole.suite);
  TOM_FUZZ_CHECK(flight.certificates == whole.certificates);
}
