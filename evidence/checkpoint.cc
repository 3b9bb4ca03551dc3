#include "evidence/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "evidence/canonical_json.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxNoteBytes = 64 << 10;
constexpr size_t kMaxSignatures = 16;
constexpr size_t kMaxNameBytes = 256;
constexpr std::string_view kDash = "\xE2\x80\x94 ";  // em dash and blank
constexpr char kEd25519Type = '\x01';

// C2SP allows any name without Unicode spaces and '+'; ours are visible ASCII, which no two eyes
// read differently.
bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return c > 0x20 && c < 0x7F && c != '+'; });
}

// The first four bytes of SHA-256(name || newline || type || key).
std::string NoteKeyId(std::string_view name, std::string_view raw_key) {
  const std::string input = std::string(name) + '\n' + kEd25519Type + std::string(raw_key);
  return std::string(Sha256(input).Raw().substr(0, 4));
}

// Everything up to and without the next newline; removes both from `rest`. Nothing when there is no
// newline.
std::optional<std::string_view> TakeLine(std::string_view& rest) {
  const size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

absl::StatusOr<uint64_t> ParseSize(std::string_view text) {
  uint64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end != text.data() + text.size() || std::to_string(size) != text ||
      size > static_cast<uint64_t>(Json::kMaxInteger)) {
    return BadData("checkpoint: the size is not a decimal number without leading zeroes");
  }
  return size;
}

absl::StatusOr<Checkpoint> ParseText(std::string_view text) {
  Checkpoint checkpoint;
  const auto origin = TakeLine(text);
  const auto size = TakeLine(text);
  const auto root = TakeLine(text);
  if (!origin || !size || !root) return BadData("checkpoint: fewer than three lines");
  if (!text.empty()) return BadData("checkpoint: extension lines are refused");
  if (!IsName(*origin)) return BadData("checkpoint: the origin is empty or has odd characters");
  checkpoint.origin = *origin;
  TOM_ASSIGN_OR_RETURN(checkpoint.size, ParseSize(*size));
  const auto raw = Base64Decode(*root);
  const auto digest = Digest::FromRaw(raw.ok() ? *raw : "");
  if (!digest.ok()) return BadData("checkpoint: the root is not the base64 of 32 bytes");
  checkpoint.root = *digest;
  if (checkpoint.size == 0 && checkpoint.root != Sha256("")) {
    return BadData("checkpoint: an empty tree with a root of its own");
  }
  return checkpoint;
}

struct NoteSignature {
  std::string_view name;
  std::string key_id;
  std::string signature;
};

absl::StatusOr<NoteSignature> ParseSignatureLine(std::string_view line) {
  if (!line.starts_with(kDash)) return BadData("checkpoint: a signature line without its dash");
  line.remove_prefix(kDash.size());
  const size_t blank = line.find(' ');
  if (blank == std::string_view::npos || blank == 0) {
    return BadData("checkpoint: a signature line without a name");
  }
  const auto bytes = Base64Decode(line.substr(blank + 1));
  if (!bytes.ok() || bytes->size() < 5) {
    return BadData("checkpoint: a signature line without the base64 of key id and signature");
  }
  return NoteSignature{line.substr(0, blank), bytes->substr(0, 4), bytes->substr(4)};
}

absl::StatusOr<std::vector<NoteSignature>> ParseSignatures(std::string_view rest) {
  std::vector<NoteSignature> signatures;
  while (!rest.empty()) {
    if (signatures.size() == kMaxSignatures) return BadData("checkpoint: over 16 signatures");
    const auto line = TakeLine(rest);
    if (!line) return BadData("checkpoint: the last line has no newline");
    TOM_ASSIGN_OR_RETURN(NoteSignature signature, ParseSignatureLine(*line));
    signatures.push_back(std::move(signature));
  }
  return signatures;
}

// The one signature of this key; others are ignored.
absl::Status VerifySignatures(std::string_view text, const std::vector<NoteSignature>& signatures,
                              const LogKey& key) {
  const std::string key_id = NoteKeyId(key.name, key.key.Ed25519Raw());
  size_t seen = 0;
  for (const NoteSignature& signature : signatures) {
    if (signature.name != key.name || signature.key_id != key_id) continue;
    ++seen;
    TOM_RETURN_IF_ERROR(Annotate(key.key.Verify(text, signature.signature), "checkpoint"));
  }
  if (seen == 1) return absl::OkStatus();
  return BadData(seen == 0 ? "checkpoint: no signature of the ledger's key"
                           : "checkpoint: two signatures of the ledger's key");
}

}  // namespace

std::string CheckpointText(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
         Base64Encode(checkpoint.root.Raw()) + "\n";
}

std::string EncodeVkey(std::string_view name, const PublicKey& key) {
  const std::string raw = key.Ed25519Raw();
  return std::string(name) + "+" + HexEncode(NoteKeyId(name, raw)) + "+" +
         Base64Encode(kEd25519Type + raw);
}

absl::StatusOr<LogKey> ParseVkey(std::string_view vkey) {
  const size_t first = vkey.find('+');
  const size_t second = first == std::string_view::npos ? first : vkey.find('+', first + 1);
  if (second == std::string_view::npos) return BadData("vkey: expected name+id+key");
  const std::string_view name = vkey.substr(0, first);
  if (!IsName(name)) return BadData("vkey: the name is empty or has odd characters");
  const auto bytes = Base64Decode(vkey.substr(second + 1));
  if (!bytes.ok() || bytes->size() != 33 || bytes->front() != kEd25519Type) {
    return BadData("vkey: not the base64 of an Ed25519 key (type 1)");
  }
  const std::string raw = bytes->substr(1);
  if (vkey.substr(first + 1, second - first - 1) != HexEncode(NoteKeyId(name, raw))) {
    return BadData("vkey: the key id does not belong to name and key");
  }
  TOM_ASSIGN_OR_RETURN(PublicKey key, PublicKey::FromEd25519Raw(raw));
  return LogKey{std::string(name), std::move(key)};
}

absl::StatusOr<std::string> SignCheckpoint(const Checkpoint& checkpoint, const PrivateKey& key) {
  if (key.public_key().kind() != KeyKind::kEd25519)
    return BadData("checkpoint: not an Ed25519 key");
  const std::string text = CheckpointText(checkpoint);
  TOM_RETURN_IF_ERROR(ParseText(text).status());
  TOM_ASSIGN_OR_RETURN(const std::string signature, key.Sign(text));
  const std::string key_id = NoteKeyId(checkpoint.origin, key.public_key().Ed25519Raw());
  return text + "\n" + std::string(kDash) + checkpoint.origin + " " +
         Base64Encode(key_id + signature) + "\n";
}

absl::StatusOr<std::string> NoteText(std::string_view note) {
  if (note.size() > kMaxNoteBytes) return BadData("note: too large");
  if (!IsUtf8(note)) return BadData("note: not UTF-8");
  const auto control = [](char c) { return (c >= 0 && c < 0x20 && c != '\n') || c == 0x7F; };
  if (std::any_of(note.begin(), note.end(), control)) return BadData("note: a control character");
  const size_t blank = note.rfind("\n\n");
  if (blank == std::string_view::npos) return BadData("note: no blank line before signatures");
  return std::string(note.substr(0, blank + 1));
}

absl::StatusOr<Checkpoint> VerifyCheckpoint(std::string_view note, const LogKey& key) {
  if (key.key.kind() != KeyKind::kEd25519) return BadData("checkpoint: not an Ed25519 key");
  TOM_ASSIGN_OR_RETURN(const std::string text, NoteText(note));
  TOM_ASSIGN_OR_RETURN(const auto signatures, ParseSignatures(note.substr(text.size() + 1)));
  TOM_RETURN_IF_ERROR(VerifySignatures(text, signatures, key));
  TOM_ASSIGN_OR_RETURN(Checkpoint checkpoint, ParseText(text));
  if (checkpoint.origin != key.name) return BadData("checkpoint: another ledger's origin");
  return checkpoint;
}

}  // namespace tom
