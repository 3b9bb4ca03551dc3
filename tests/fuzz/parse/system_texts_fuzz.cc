// Short texts of the system and of questions: whatever they hold, what is read stays within its
// contract.
#include "checks/parse/cpu_info.h"
#include "checks/parse/key_strength.h"
#include "checks/parse/nsswitch.h"
#include "checks/parse/os_release.h"
#include "checks/parse/path_pattern.h"
#include "checks/parse/proc_net.h"
#include "checks/parse/sshd_pattern.h"
#include "tests/fuzz/fuzz.h"

namespace tom {
namespace {

void Sockets(std::string_view input) {
  const InetSockets inet = ParseInetSockets(input);
  TOM_FUZZ_CHECK(inet.sockets.size() <= kMaxSockets);
  for (const InetSocket& one : inet.sockets) {
    TOM_FUZZ_CHECK(one.local.size() == 4 || one.local.size() == 16);
    TOM_FUZZ_CHECK(one.remote.size() == one.local.size());
    TOM_FUZZ_CHECK(one.local_port >= 0 && one.local_port <= 65535);
  }
  TOM_FUZZ_CHECK(ParseUnixSockets(input).size() <= kMaxSockets);
}

void Keys(std::string_view input) {
  const auto [cipher, mode] = SplitEncryption(input);
  for (const int bytes : {0, 16, 32, 64}) {
    const KeyStrength strength = RealKeyBits(cipher, mode, bytes);
    TOM_FUZZ_CHECK(!strength.bits || (*strength.bits >= 0 && *strength.bits <= bytes * 8));
    TOM_FUZZ_CHECK(CompareStrength(strength, strength) == 0);
  }
  static_cast<void>(IntegrityKeyBytes(input));
}

void Patterns(std::string_view input) {
  const size_t half = input.size() / 2;
  static_cast<void>(SshdPatternMatches(input.substr(0, half), input.substr(half)));
  static_cast<void>(SshdListMatches(input.substr(0, half), input.substr(half), true));
  bool refused = false;
  static_cast<void>(SshdAddressListMatches("192.0.2.1", input, refused));
  if (const auto address = ParseSshdAddress(std::string(input))) {
    TOM_FUZZ_CHECK(ParseSshdAddress(SshdAddressText(*address)) == address);
  }
  if (const auto network = ParseSshdNetwork(std::string(input), refused)) {
    TOM_FUZZ_CHECK(network->bits >= 0 && network->bits <= (network->address.v6 ? 128 : 32));
    static_cast<void>(AfterSshdNetwork(*network));
  }
  static_cast<void>(ParsePathPattern(input).ok());
  static_cast<void>(NameMatches(input.substr(0, half), input.substr(half)));
}

}  // namespace

void Fuzz(std::string_view input) {
  static_cast<void>(ParseOsRelease(input));
  const VersionNumbers version = ParseVersionNumbers(input);
  TOM_FUZZ_CHECK(version.major || (!version.minor && !version.patch));
  static_cast<void>(NameServices(input, "passwd"));
  TOM_FUZZ_CHECK(ParseCpuInfo(input).logical_cores >= 0);
  TOM_FUZZ_CHECK(MemoryBytes(input).value_or(0) >= 0);
  Sockets(input);
  Keys(input);
  Patterns(input);
}

}  // namespace tom
