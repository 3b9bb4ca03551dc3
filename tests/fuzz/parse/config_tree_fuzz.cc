// Configurations made of blocks: whatever the bytes, the reader ends, and what it gives is no
// deeper than its bound and names the file that it was given.
#include "checks/parse/config_tree.h"
#include "tests/fuzz/fuzz.h"

namespace tom {
namespace {

void Hold(const ConfigTree& tree, size_t depth) {
  TOM_FUZZ_CHECK(depth <= kMaxConfigNesting);
  for (const ConfigDirective& one : tree) {
    TOM_FUZZ_CHECK(one.file == "f" && one.line >= 1);
    TOM_FUZZ_CHECK(one.block || one.children.empty());
    Hold(one.children, depth + 1);
  }
}

}  // namespace

void Fuzz(std::string_view input) {
  for (const auto parse : {ParseNginxConfig, ParseApacheConfig, ParseDovecotConfig}) {
    const auto tree = parse(input, "f");
    if (!tree.ok()) continue;
    TOM_FUZZ_CHECK(input.find('\0') == std::string_view::npos);
    Hold(*tree, 0);
  }
}

}  // namespace tom
