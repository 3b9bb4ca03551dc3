// C2SP tlog-checkpoint carried in a C2SP signed-note, signed with the ledger's Ed25519 key.
#ifndef TOM_EVIDENCE_CHECKPOINT_H_
#define TOM_EVIDENCE_CHECKPOINT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "evidence/digest.h"
#include "evidence/keys.h"

namespace tom {

struct Checkpoint {
  std::string origin;  // also the key's name; no blank, no '+'
  uint64_t size = 0;
  Digest root;
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// "origin\nsize\nbase64(root)\n": what is signed, and what an RFC 3161 stamp covers.
std::string CheckpointText(const Checkpoint& checkpoint);

// A verifier key `name+hash+base64(0x01 || key)` and its parts.
struct LogKey {
  std::string name;
  PublicKey key;
};
std::string EncodeVkey(std::string_view name, const PublicKey& key);
absl::StatusOr<LogKey> ParseVkey(std::string_view vkey);

// The signed note: text, blank line, "— <name> <base64(key id || signature)>\n".
absl::StatusOr<std::string> SignCheckpoint(const Checkpoint& checkpoint, const PrivateKey& key);

// Accepts a note with up to 16 signatures: other keys are ignored, this key must be there once and
// good. The origin must be the key's name; extension lines are refused.
absl::StatusOr<Checkpoint> VerifyCheckpoint(std::string_view note, const LogKey& key);
// The part of a note that is signed and stamped: up to and including the newline before the blank
// line.
absl::StatusOr<std::string> NoteText(std::string_view note);

}  // namespace tom

#endif  // TOM_EVIDENCE_CHECKPOINT_H_
