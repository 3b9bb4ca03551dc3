#include "checks/tables/storage_state.h"

#include <utility>

namespace tom {
namespace {

using Cover = StorageState::Cover;

int Rank(const StorageState& state) {
  if (state.cover == Cover::kMemory) return 4;
  if (state.cover == Cover::kPlain || HidesNothing(state)) return 0;
  return state.cover == Cover::kUnknown ? 1 : 2;
}

}  // namespace

StorageState UnknownState(std::string layer, std::string error) {
  StorageState state;
  state.layer = std::move(layer);
  state.error = std::move(error);
  return state;
}

bool HidesNothing(const StorageState& state) {
  return state.cover == Cover::kEncrypted && state.strength.bits == 0;
}

int CompareStates(const StorageState& a, const StorageState& b) {
  const int ranks = Rank(a) - Rank(b);
  if (ranks != 0 || Rank(a) != 2) return ranks;
  return CompareStrength(a.strength, b.strength);
}

StorageState WeakerOf(StorageState a, StorageState b) {
  if (CompareStates(b, a) < 0) std::swap(a, b);
  if (b.least_bits.has_value() && b.least_bits < a.least_bits.value_or(*b.least_bits + 1)) {
    a.least_bits = b.least_bits;
  }
  if (a.strength.weakness.empty()) a.strength.weakness = b.strength.weakness;
  return a;
}

StorageState StrongerOf(const StorageState& a, const StorageState& b) {
  return CompareStates(b, a) > 0 ? b : a;
}

}  // namespace tom
