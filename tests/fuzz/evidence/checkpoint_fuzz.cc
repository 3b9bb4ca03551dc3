// Notes as they are, and - since no fuzzer guesses a signature - the part before the first blank
// line signed with a key that is good: what is accepted says just what its text says.
#include "evidence/checkpoint.h"
#include "tests/fuzz/fuzz.h"

namespace tom {
namespace {

constexpr std::string_view kName = "ledger.example.org/fuzz";

// A key from a fixed seed, so that a finding can be repeated: PKCS#8 (RFC 8410) is this prefix and
// 32 bytes.
PrivateKey FixedKey() {
  const std::string der =
      *HexDecode("302e020100300506032b657004220420") + std::string(Sha256("fuzz").Raw());
  return *PrivateKey::FromPem("-----BEGIN PRIVATE KEY-----\n" + Base64Encode(der) +
                              "\n-----END PRIVATE KEY-----\n");
}

std::string SignatureLine(std::string_view text, const PrivateKey& key) {
  const std::string vkey = EncodeVkey(kName, key.public_key());
  const std::string key_id = *HexDecode(std::string_view(vkey).substr(kName.size() + 1, 8));
  return "\xE2\x80\x94 " + std::string(kName) + " " + Base64Encode(key_id + *key.Sign(text)) + "\n";
}

void Offer(std::string_view note, const LogKey& key) {
  const auto checkpoint = VerifyCheckpoint(note, key);
  if (!checkpoint.ok()) return;
  const auto text = NoteText(note);
  TOM_FUZZ_CHECK(text.ok() && *text == CheckpointText(*checkpoint));
  TOM_FUZZ_CHECK(checkpoint->origin == key.name);
}

}  // namespace

void Fuzz(std::string_view input) {
  static const PrivateKey& private_key = *new PrivateKey(FixedKey());
  const LogKey key{std::string(kName), private_key.public_key()};
  Offer(input, key);
  const size_t blank = input.find("\n\n");
  const std::string text(input.substr(0, blank == std::string_view::npos ? blank : blank + 1));
  const std::string_view rest =
      blank == std::string_view::npos ? std::string_view() : input.substr(blank + 2);
  Offer(text + "\n" + SignatureLine(text, private_key) + std::string(rest), key);
  Offer(std::string(kName) + "\n" + text + "\n" +
            SignatureLine(std::string(kName) + "\n" + text, private_key) + std::string(rest),
        key);
  if (const auto parsed = ParseVkey(input); parsed.ok()) {
    TOM_FUZZ_CHECK(EncodeVkey(parsed->name, parsed->key) == input);
  }
}

}  // namespace tom
