#include "evidence/merkle.h"

#include <algorithm>
#include <bit>
#include <span>
#include <string>

#include "evidence/status_text.h"

namespace tom::merkle {
namespace {

// The leaves [begin, begin + count): what one hash of a proof stands for.
struct Range {
  uint64_t begin;
  uint64_t count;
};

// Where RFC 6962 splits a tree: the largest power of two smaller than `count`. REQUIRES: count > 1.
uint64_t SplitOf(uint64_t count) { return std::bit_floor(count - 1); }

// The complete subtrees of a range, largest (leftmost) first. REQUIRES: begin is a multiple of the
// first one's size.
void AppendNodes(Range range, std::vector<NodeId>& nodes) {
  while (range.count > 0) {
    const uint64_t part = std::bit_floor(range.count);
    const int level = std::countr_zero(part);
    nodes.push_back({level, range.begin >> level});
    range.begin += part;
    range.count -= part;
  }
}

// The hash of a range out of those of its complete subtrees. REQUIRES: at least one.
Digest FoldNodes(std::span<const Digest> hashes) {
  Digest folded = hashes.back();
  for (size_t i = hashes.size() - 1; i > 0; --i) folded = NodeHash(hashes[i - 1], folded);
  return folded;
}

// One hash a range, with a single call of the reader.
absl::StatusOr<std::vector<Digest>> HashRanges(const std::vector<Range>& ranges,
                                               const HashReader& read) {
  if (ranges.empty()) return std::vector<Digest>();
  std::vector<NodeId> nodes;
  for (const Range& range : ranges) AppendNodes(range, nodes);
  TOM_ASSIGN_OR_RETURN(const std::vector<Digest> hashes, read(nodes));
  if (hashes.size() != nodes.size()) {
    return absl::InternalError(ToAbsl("merkle: asked for " + std::to_string(nodes.size()) +
                                      " hashes, the reader gave " + std::to_string(hashes.size())));
  }
  std::vector<Digest> folded;
  folded.reserve(ranges.size());
  std::span<const Digest> rest(hashes);
  for (const Range& range : ranges) {
    const auto parts = static_cast<size_t>(std::popcount(range.count));
    folded.push_back(FoldNodes(rest.first(parts)));
    rest = rest.subspan(parts);
  }
  return folded;
}

std::string Numbers(uint64_t first, uint64_t second) {
  return std::to_string(first) + " and " + std::to_string(second);
}

// One step upwards, skipping the levels at which the last node of the tree has no sibling (RFC
// 9162 2.1.3.2).
void StepUp(uint64_t& node, uint64_t& last) {
  if ((node & 1) == 0) {
    while ((node & 1) == 0 && node != 0) {
      node >>= 1;
      last >>= 1;
    }
  }
  node >>= 1;
  last >>= 1;
}

// Both sizes are not zero and differ (RFC 9162 2.1.4.2).
absl::Status VerifyGrowth(uint64_t old_size, uint64_t size, const Digest& old_root,
                          const Digest& root, std::span<const Digest> proof) {
  uint64_t node = old_size - 1;
  uint64_t last = size - 1;
  while ((node & 1) == 1) {
    node >>= 1;
    last >>= 1;
  }
  Digest start = old_root;  // an old tree that is one complete subtree is its own first hash
  if (!std::has_single_bit(old_size)) {
    if (proof.empty()) return BadData("consistency proof: empty");
    start = proof.front();
    proof = proof.subspan(1);
  }
  Digest old_computed = start;
  Digest computed = start;
  for (const Digest& hash : proof) {
    if (last == 0) return BadData("consistency proof: too many hashes");
    if ((node & 1) == 1 || node == last) {
      old_computed = NodeHash(hash, old_computed);
      computed = NodeHash(hash, computed);
      StepUp(node, last);
    } else {
      computed = NodeHash(computed, hash);
      node >>= 1;
      last >>= 1;
    }
  }
  if (last != 0) return BadData("consistency proof: too few hashes");
  if (old_computed != old_root) return BadData("consistency proof: gives another old root");
  if (computed != root) return BadData("consistency proof: gives another root");
  return absl::OkStatus();
}

}  // namespace

Digest EmptyRoot() { return Sha256(""); }

Digest LeafHash(std::string_view leaf_data) {
  Sha256Stream stream;
  stream.Add(std::string_view("\0", 1));
  stream.Add(leaf_data);
  return stream.Finish();
}

Digest NodeHash(const Digest& left, const Digest& right) {
  Sha256Stream stream;
  stream.Add("\x01");
  stream.Add(left.Raw());
  stream.Add(right.Raw());
  return stream.Finish();
}

std::vector<NodeId> CompletedBy(uint64_t index) {
  std::vector<NodeId> nodes;
  // The leaf ends a subtree of 2^level leaves where the low `level` bits of its index are all ones.
  for (int level = 1; level <= std::countr_one(index) && level < 64; ++level) {
    nodes.push_back({level, index >> level});
  }
  return nodes;
}

absl::StatusOr<Digest> RootAt(uint64_t size, const HashReader& read) {
  if (size == 0) return EmptyRoot();
  TOM_ASSIGN_OR_RETURN(const std::vector<Digest> hashes, HashRanges({{0, size}}, read));
  return hashes.front();
}

absl::StatusOr<std::vector<Digest>> InclusionProof(uint64_t index, uint64_t size,
                                                   const HashReader& read) {
  if (index >= size) return BadData("inclusion proof: no such leaf: " + Numbers(index, size));
  std::vector<Range> ranges;  // from the root down; a proof goes from the leaf up
  Range tree{0, size};
  while (tree.count > 1) {
    const uint64_t split = SplitOf(tree.count);
    const Range left{tree.begin, split};
    const Range right{tree.begin + split, tree.count - split};
    const bool goes_left = index - tree.begin < split;
    ranges.push_back(goes_left ? right : left);
    tree = goes_left ? left : right;
  }
  std::reverse(ranges.begin(), ranges.end());
  return HashRanges(ranges, read);
}

absl::StatusOr<std::vector<Digest>> ConsistencyProof(uint64_t old_size, uint64_t size,
                                                     const HashReader& read) {
  if (old_size > size) {
    return BadData("consistency proof: sizes the wrong way round: " + Numbers(old_size, size));
  }
  std::vector<Range> ranges;
  // SUBPROOF of RFC 6962 2.1.2. No proof is needed from nothing, nor between equal trees.
  if (old_size == 0 || old_size == size) return std::vector<Digest>();
  Range tree{0, size};
  while (tree.begin + tree.count != old_size) {
    const uint64_t split = SplitOf(tree.count);
    const Range left{tree.begin, split};
    const Range right{tree.begin + split, tree.count - split};
    const bool goes_left = old_size - tree.begin <= split;
    ranges.push_back(goes_left ? right : left);
    tree = goes_left ? left : right;
  }
  // The verifier knows the old root, so it is shown only where it is not the subtree itself.
  if (tree.begin != 0) ranges.push_back(tree);
  std::reverse(ranges.begin(), ranges.end());
  return HashRanges(ranges, read);
}

absl::StatusOr<Digest> RootFromInclusion(uint64_t index, uint64_t size, const Digest& leaf_hash,
                                         const std::vector<Digest>& proof) {
  if (index >= size) return BadData("inclusion proof: no such leaf: " + Numbers(index, size));
  uint64_t node = index;
  uint64_t last = size - 1;
  Digest root = leaf_hash;
  for (const Digest& hash : proof) {
    if (last == 0) return BadData("inclusion proof: too many hashes");
    if ((node & 1) == 1 || node == last) {
      root = NodeHash(hash, root);
      StepUp(node, last);
    } else {
      root = NodeHash(root, hash);
      node >>= 1;
      last >>= 1;
    }
  }
  if (last != 0) return BadData("inclusion proof: too few hashes");
  return root;
}

absl::Status VerifyInclusion(uint64_t index, uint64_t size, const Digest& leaf_hash,
                             const std::vector<Digest>& proof, const Digest& root) {
  TOM_ASSIGN_OR_RETURN(const Digest computed, RootFromInclusion(index, size, leaf_hash, proof));
  if (computed != root) return BadData("inclusion proof: gives another root");
  return absl::OkStatus();
}

absl::Status VerifyConsistency(uint64_t old_size, uint64_t size, const Digest& old_root,
                               const Digest& root, const std::vector<Digest>& proof) {
  if (old_size > size) {
    return BadData("consistency proof: sizes the wrong way round: " + Numbers(old_size, size));
  }
  if (old_size == 0 && old_root != EmptyRoot()) {
    return BadData("consistency proof: the old root is not that of an empty tree");
  }
  if (old_size == size && old_root != root) {
    return BadData("consistency proof: two roots of one size");
  }
  if (old_size == 0 || old_size == size) {
    return proof.empty() ? absl::OkStatus() : BadData("consistency proof: must be empty");
  }
  return VerifyGrowth(old_size, size, old_root, root, proof);
}

}  // namespace tom::merkle
