// LUKS headers of all block devices, opened or not, and of files: what they say of cipher, key and
// their own two copies. Read, never repaired.
#include "checks/engine/table.h"
#include "checks/tables/luks_scan.h"

namespace tom {
namespace {

// "good", or why it does not count; NULL for a copy that this version does not have.
Value CopyValue(const LuksHeader& header, bool second) {
  if (second && header.version == 1) return {};
  const std::string& problem = second ? header.secondary_problem : header.primary_problem;
  return problem.empty() ? Value("good") : Value(problem);
}

int64_t OpeningSlots(const LuksHeader& header) {
  int64_t count = 0;
  for (const LuksKeySlot& slot : header.slots) count += slot.opens ? 1 : 0;
  return count;
}

bool AddBroken(const SeenLuks& seen, RowSink& sink) {
  return sink.Add({{"path", seen.path},
                   {"device_number", TextOrNull(seen.number)},
                   {"source", seen.source},
                   {"error", std::string(seen.header.status().message())}});
}

bool AddHeader(const SeenLuks& seen, RowSink& sink) {
  if (!seen.header.ok()) return AddBroken(seen, sink);
  const LuksHeader& header = *seen.header;
  const KeyStrength& strength = header.strength;
  const std::string dash = header.mode.empty() ? "" : "-";
  const bool known = strength.bits.has_value();
  const Value sound = !strength.weakness.empty() ? Value(int64_t{0})
                      : known                    ? Value(int64_t{1})
                                                 : Value();
  return sink.Add(
      {{"path", seen.path},
       {"device_number", TextOrNull(seen.number)},
       {"source", seen.source},
       {"version", int64_t{header.version}},
       {"uuid", TextOrNull(header.uuid)},
       {"label", TextOrNull(header.label)},
       {"cipher", TextOrNull(header.cipher + dash + header.mode)},
       {"integrity", TextOrNull(header.integrity)},
       {"key_bytes", header.key_bytes == 0 ? Value() : Value(int64_t{header.key_bytes})},
       {"algorithm", TextOrNull(strength.algorithm)},
       {"key_bits", NumberOrNull(strength.bits)},
       {"sound", sound},
       {"weakness", TextOrNull(strength.weakness)},
       {"copy", header.copy},
       {"primary_copy", CopyValue(header, false)},
       {"secondary_copy", CopyValue(header, true)},
       {"primary_sequence", NumberOrNull(header.primary_sequence)},
       {"secondary_sequence", NumberOrNull(header.secondary_sequence)},
       {"opening_slots", OpeningSlots(header)},
       {"reencrypting", int64_t{header.reencrypting}},
       {"allows_discards", int64_t{header.allows_discards}},
       {"note", TextOrNull(header.note)}});
}

absl::Status GenerateHeaders(Env& env, const TableContext& context, RowSink& sink) {
  return ScanLuks(env, context, sink, [&](const SeenLuks& seen) { return AddHeader(seen, sink); });
}

std::vector<Column> Columns() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  constexpr ColumnType kBig = ColumnType::kBigint;
  return {
      {.name = "path",
       .description = "Device or file that the header lies in; name a file to look there alone",
       .pushdown = true},
      {.name = "device_number", .description = "MAJOR:MINOR of a block device"},
      {.name = "source", .description = "device, crypttab (a detached header) or query"},
      {.name = "version", .type = kInt, .description = "1 or 2; NULL: broken, see error"},
      {.name = "uuid", .description = "Of the header"},
      {.name = "label", .description = "LUKS2"},
      {.name = "cipher", .description = "Of the weakest part in use: aes-xts-plain64"},
      {.name = "integrity", .description = "What authenticates sectors: hmac(sha256)"},
      {.name = "key_bytes",
       .type = kInt,
       .description = "Of the volume key, without an integrity key; half of it hides in XTS"},
      {.name = "algorithm", .description = "What that is with this key: AES-256-XTS"},
      {.name = "key_bits",
       .type = kInt,
       .description = "Bits of the key that hides the data; 0: none; NULL: not known"},
      {.name = "sound", .type = kInt, .description = "1: no weakness of cipher and mode is known"},
      {.name = "weakness", .description = "Why the bits do not count"},
      {.name = "copy", .description = "The copy that counts: primary or secondary"},
      {.name = "primary_copy", .description = "good, or what is wrong with it"},
      {.name = "secondary_copy", .description = "good, or what is wrong with it; LUKS1: NULL"},
      {.name = "primary_sequence", .type = kBig, .description = "Its sequence id (LUKS2)"},
      {.name = "secondary_sequence", .type = kBig, .description = "Its sequence id (LUKS2)"},
      {.name = "opening_slots",
       .type = kInt,
       .description = "Key slots that lead to the volume key"},
      {.name = "reencrypting", .type = kInt, .description = "1: begun and not ended"},
      {.name = "allows_discards",
       .type = kInt,
       .description = "1: lets discards pass, as a lasting flag"},
      {.name = "note", .description = "What is odd"},
      {.name = "error", .description = "Why the header says nothing"},
  };
}

}  // namespace

Table luks_headers_table() {
  return {.name = "luks_headers",
          .description = "LUKS1 and LUKS2 headers of block devices and files, opened or not",
          .columns = Columns(),
          .generate = GenerateHeaders,
          .touches = LuksTouches};
}

}  // namespace tom
