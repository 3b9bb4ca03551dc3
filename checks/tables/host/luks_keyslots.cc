// Key slots of LUKS headers: how much work a guess at their passphrase costs.
#include "checks/engine/table.h"
#include "checks/tables/luks_scan.h"

namespace tom {
namespace {

bool AddSlots(const SeenLuks& seen, RowSink& sink) {
  if (!seen.header.ok()) {
    sink.Incomplete(std::string(seen.header.status().message()));
    return true;
  }
  for (const LuksKeySlot& slot : seen.header->slots) {
    const bool more = sink.Add({{"path", seen.path},
                                {"source", seen.source},
                                {"version", int64_t{seen.header->version}},
                                {"uuid", TextOrNull(seen.header->uuid)},
                                {"slot", slot.id},
                                {"type", TextOrNull(slot.type)},
                                {"opens", int64_t{slot.opens}},
                                {"kdf", TextOrNull(slot.kdf)},
                                {"hash", TextOrNull(slot.hash)},
                                {"iterations", NumberOrNull(slot.iterations)},
                                {"memory_kib", NumberOrNull(slot.memory_kib)},
                                {"lanes", NumberOrNull(slot.lanes)},
                                {"token", TextOrNull(slot.token)}});
    if (!more) return false;
  }
  return true;
}

absl::Status GenerateSlots(Env& env, const TableContext& context, RowSink& sink) {
  return ScanLuks(env, context, sink, [&](const SeenLuks& seen) { return AddSlots(seen, sink); });
}

}  // namespace

Table luks_keyslots_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  constexpr ColumnType kBig = ColumnType::kBigint;
  return {.name = "luks_keyslots",
          .description = "Key slots in use of LUKS headers, and what stretches their passphrases",
          .columns =
              {{.name = "path", .description = "Device or file of the header", .pushdown = true},
               {.name = "source", .description = "device, crypttab or query"},
               {.name = "version", .type = kInt, .description = "1 or 2"},
               {.name = "uuid", .description = "Of the header"},
               {.name = "slot", .description = "Number of the slot"},
               {.name = "type", .description = "luks1, luks2, reencrypt"},
               {.name = "opens",
                .type = kInt,
                .description = "1: leads to the key of a part that is in use"},
               {.name = "kdf", .description = "pbkdf2, argon2i, argon2id"},
               {.name = "hash", .description = "Hash of PBKDF2"},
               {.name = "iterations", .type = kBig, .description = "PBKDF2's, or Argon2's passes"},
               {.name = "memory_kib", .type = kBig, .description = "Argon2's memory, KiB"},
               {.name = "lanes", .type = kBig, .description = "Argon2's parallel lanes"},
               {.name = "token",
                .description = "Types of the tokens that name the slot, separated by blanks"}},
          .generate = GenerateSlots,
          .touches = LuksTouches};
}

}  // namespace tom
