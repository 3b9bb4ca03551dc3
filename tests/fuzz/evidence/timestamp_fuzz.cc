// Time-stamp tokens under an authority whose key nobody has any more: what is believed is one of
// the seeds' statements, over no other imprint.
#include "evidence/digest.h"
#include "evidence/timestamp.h"
#include "evidence/timestamp_token.h"
#include "tests/fuzz/fuzz.h"

namespace tom {
namespace {

// Made by the openssl program for the seeds; its key was thrown away.
constexpr std::string_view kAuthority =
    "MIIBSTCB8aADAgECAgEBMAoGCCqGSM49BAMCMA0xCzAJBgNVBAMMAmNhMB4XDTIwMDEwMTAwMDAwMFoXDTQ5MTIzMTIz"
    "NTk1OVowDTELMAkGA1UEAwwCY2EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQyUfrOpxK55AgsQeZbTJX5aSRRwrN0"
    "GZRSzqplcWVveNnA7cVHd0P6RzcCQirxFZvfcRZAy/ebkSYHa4aVkFyWo0IwQDAPBgNVHRMBAf8EBTADAQH/MA4GA1Ud"
    "DwEB/wQEAwICBDAdBgNVHQ4EFgQUDZJTTqVBBSEuChjZbfYI+O74lJswCgYIKoZIzj0EAwIDRwAwRAIgEURVweszpQOo"
    "RLLUDGToyZqytUmnZsRfQHs37kBTtnYCIFWBdTHv2Fkr/v/bV18cl3f3Fw1yMPToqAeoKdHQB0L9";

}  // namespace

void Fuzz(std::string_view input) {
  static const std::string& authority = *new std::string(*Base64Decode(kAuthority));
  (void)ParseTimeStampToken(input);
  const auto stamp = VerifyTimeStamp(input, Sha256("fuzz"), {authority});
  if (!stamp.ok()) return;
  TOM_FUZZ_CHECK(!stamp->authority.empty() && stamp->time > 0);
  TOM_FUZZ_CHECK(!VerifyTimeStamp(input, Sha256("another"), {authority}).ok());
  TOM_FUZZ_CHECK(!VerifyTimeStamp(input, Sha256("fuzz"), {}).ok());
}

}  // namespace tom
