// Lists about storage: crypttab, dmsetup's tables, OpenZFS' listings. What is told of a key agrees
// with itself, and nothing is told of what is not there.
#include "checks/parse/crypttab.h"
#include "checks/parse/dm_table.h"
#include "checks/parse/zfs_list.h"
#include "tests/fuzz/fuzz.h"

namespace tom {
namespace {

void CheckStrength(const KeyStrength& strength) {
  if (!strength.bits.has_value()) return;
  TOM_FUZZ_CHECK(*strength.bits >= 0 && *strength.bits <= 256);
  TOM_FUZZ_CHECK(!strength.algorithm.empty());
}

}  // namespace

void Fuzz(std::string_view input) {
  const Crypttab table = ParseCrypttab(input);
  TOM_FUZZ_CHECK(table.entries.size() <= kMaxCrypttabLines);
  for (const CrypttabEntry& entry : table.entries) {
    TOM_FUZZ_CHECK(!entry.name.empty() && !entry.device.empty() && entry.line > 0);
    const auto cipher = entry.Option("cipher");
    TOM_FUZZ_CHECK(!cipher || cipher->size() <= entry.options.size());
    TOM_FUZZ_CHECK(!CrypttabIntention(table, entry.name, "").empty());
  }
  for (const auto& [name, targets] : ParseDmTables(input).mappings) {
    TOM_FUZZ_CHECK(!targets.empty());
    for (const DmTarget& target : targets) {
      TOM_FUZZ_CHECK(target.key_bytes >= -1 && target.key_bytes <= 512);
      TOM_FUZZ_CHECK(target.type == "crypt" || !target.strength.bits.has_value());
      CheckStrength(target.strength);
    }
  }
  for (const auto& [name, dataset] : ParseZfsEncryption(input)) CheckStrength(dataset.strength);
  for (const auto& [name, devices] : ParseZfsPools(input)) {
    for (const std::string& device : devices) TOM_FUZZ_CHECK(device[0] == '/');
  }
}

}  // namespace tom
