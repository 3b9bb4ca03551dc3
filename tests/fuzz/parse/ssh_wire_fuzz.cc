// Whatever the bytes: the readers of a server's greeting and of private keys end; an offer is whole
// or empty; and more bytes never turn what is no SSH into an offer.
#include "checks/parse/ssh_kex_init.h"
#include "checks/parse/ssh_private_key.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  const SshOffer whole = ParseSshOffer(input);
  const SshOffer half = ParseSshOffer(input.substr(0, input.size() / 2));
  TOM_FUZZ_CHECK(half.state != SshOffer::State::kNotSsh || whole.state == SshOffer::State::kNotSsh);
  TOM_FUZZ_CHECK(half.state != SshOffer::State::kDone || whole.kex == half.kex);
  TOM_FUZZ_CHECK(whole.state != SshOffer::State::kDone || !whole.identification.empty());
  const auto key = ParseSshPrivateKey(input);
  TOM_FUZZ_CHECK(!key || key->type.size() < 64);
}
