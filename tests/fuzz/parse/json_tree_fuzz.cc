// JSON of other programs: a tree stays within its limits, and its lookups hold on every node.
#include "checks/parse/json_tree.h"
#include "tests/fuzz/fuzz.h"

namespace tom {
namespace {

constexpr JsonTreeLimits kLimits = {.max_bytes = 65536, .max_depth = 16, .max_nodes = 5000};

size_t Count(const JsonNode& node, size_t depth) {
  TOM_FUZZ_CHECK(depth <= kLimits.max_depth + 1);
  size_t nodes = 1;
  for (const JsonNode& item : node.items) nodes += Count(item, depth + 1);
  for (const auto& [name, member] : node.members) {
    TOM_FUZZ_CHECK(node.Find(name) == &member);
    TOM_FUZZ_CHECK(member.IsString() || node.Text(name).empty());
    nodes += Count(member, depth + 1);
  }
  TOM_FUZZ_CHECK(node.IsArray() || node.items.empty());
  TOM_FUZZ_CHECK(node.IsObject() || node.members.empty());
  return nodes;
}

}  // namespace

void Fuzz(std::string_view input) {
  const auto tree = ParseJsonTree(input, kLimits);
  if (tree.ok()) TOM_FUZZ_CHECK(Count(*tree, 1) <= kLimits.max_nodes);
}

}  // namespace tom
