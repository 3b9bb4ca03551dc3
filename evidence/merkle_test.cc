#include "evidence/merkle.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "absl/status/status.h"

namespace tom::merkle {
namespace {

constexpr uint64_t kMostLeaves = 70;

// RFC 6962 2.1 word for word, over the leaves [begin, end): slow, and only here.
class Reference {
 public:
  Reference() {
    for (uint64_t i = 0; i < kMostLeaves; ++i) leaves_.push_back("leaf " + std::to_string(i));
  }

  const std::string& leaf(uint64_t index) const { return leaves_[index]; }

  Digest Mth(uint64_t begin, uint64_t end) const {
    if (begin == end) return Sha256("");
    if (end - begin == 1) return Sha256(std::string(1, '\0') + leaves_[begin]);
    const uint64_t k = Split(end - begin);
    const Digest left = Mth(begin, begin + k);
    const Digest right = Mth(begin + k, end);
    return Sha256("\x01" + std::string(left.Raw()) + std::string(right.Raw()));
  }

  std::vector<Digest> Path(uint64_t m, uint64_t begin, uint64_t end) const {
    if (end - begin == 1) return {};
    const uint64_t k = Split(end - begin);
    if (m < k) return With(Path(m, begin, begin + k), Mth(begin + k, end));
    return With(Path(m - k, begin + k, end), Mth(begin, begin + k));
  }

  std::vector<Digest> SubProof(uint64_t m, uint64_t begin, uint64_t end, bool known) const {
    const uint64_t n = end - begin;
    if (m == n && known) return {};
    if (m == n) return {Mth(begin, end)};
    const uint64_t k = Split(n);
    if (m <= k) return With(SubProof(m, begin, begin + k, known), Mth(begin + k, end));
    return With(SubProof(m - k, begin + k, end, false), Mth(begin, begin + k));
  }

 private:
  static uint64_t Split(uint64_t n) {
    uint64_t k = 1;
    while (k * 2 < n) k *= 2;
    return k;
  }

  static std::vector<Digest> With(std::vector<Digest> proof, const Digest& last) {
    proof.push_back(last);
    return proof;
  }

  std::vector<std::string> leaves_;
};

// Keeps complete nodes as storage would, and refuses to give any other.
class FakeStorage {
 public:
  void Append(std::string_view data, uint64_t index) {
    nodes_[{0, index}] = LeafHash(data);
    for (const NodeId& node : CompletedBy(index)) {
      const NodeId left{node.level - 1, node.index * 2};
      const NodeId right{node.level - 1, node.index * 2 + 1};
      nodes_[node] = NodeHash(nodes_.at(left), nodes_.at(right));
    }
  }

  HashReader Reader() const {
    return [this](const std::vector<NodeId>& ids) -> absl::StatusOr<std::vector<Digest>> {
      std::vector<Digest> hashes;
      for (const NodeId& id : ids) {
        const auto found = nodes_.find(id);
        if (found == nodes_.end()) return absl::NotFoundError("no such node");
        hashes.push_back(found->second);
      }
      return hashes;
    };
  }

  size_t size() const { return nodes_.size(); }

 private:
  std::map<NodeId, Digest> nodes_;
};

class MerkleTest : public testing::Test {
 protected:
  // Roots of every size, from the recursive definition.
  MerkleTest() {
    for (uint64_t size = 0; size <= kMostLeaves; ++size) roots_.push_back(reference_.Mth(0, size));
  }

  FakeStorage StorageOf(uint64_t size) const {
    FakeStorage storage;
    for (uint64_t i = 0; i < size; ++i) storage.Append(reference_.leaf(i), i);
    return storage;
  }

  Reference reference_;
  std::vector<Digest> roots_;
};

std::string Case(uint64_t first, uint64_t second) {
  return std::to_string(first) + " of " + std::to_string(second);
}

// Every spoiled copy of a proof: each hash with one bit flipped, left out, or said twice; and one
// hash too many.
std::vector<std::vector<Digest>> Spoiled(const std::vector<Digest>& proof) {
  std::vector<std::vector<Digest>> all;
  for (size_t i = 0; i < proof.size(); ++i) {
    all.push_back(proof);
    all.back()[i].bytes[i % 32] ^= 1;
    all.push_back(proof);
    all.back().erase(all.back().begin() + static_cast<ptrdiff_t>(i));
    all.push_back(proof);
    all.back().insert(all.back().begin() + static_cast<ptrdiff_t>(i), proof[i]);
  }
  all.push_back(proof);
  all.back().push_back(Sha256("one too many"));
  return all;
}

TEST_F(MerkleTest, RootsAreThoseOfTheRecursiveDefinition) {
  FakeStorage storage;
  for (uint64_t size = 0; size <= kMostLeaves; ++size) {
    const auto root = RootAt(size, storage.Reader());
    ASSERT_TRUE(root.ok()) << size << root.status();
    EXPECT_EQ(root->Hex(), roots_[size].Hex()) << size;
    if (size < kMostLeaves) storage.Append(reference_.leaf(size), size);
  }
}

TEST_F(MerkleTest, StorageOfNLeavesHasAllCompleteNodesAndNoOther) {
  for (uint64_t size = 0; size <= kMostLeaves; ++size) {
    size_t complete = 0;
    for (uint64_t width = 1; width <= size; width *= 2) complete += size / width;
    EXPECT_EQ(StorageOf(size).size(), complete) << size;
  }
}

TEST_F(MerkleTest, EveryInclusionProofVerifiesAndNoSpoiledOneDoes) {
  for (uint64_t size = 1; size <= kMostLeaves; ++size) {
    const FakeStorage storage = StorageOf(size);
    for (uint64_t index = 0; index < size; ++index) {
      const auto proof = InclusionProof(index, size, storage.Reader());
      ASSERT_TRUE(proof.ok()) << Case(index, size) << proof.status();
      ASSERT_EQ(*proof, reference_.Path(index, 0, size)) << Case(index, size);
      const Digest leaf = LeafHash(reference_.leaf(index));
      EXPECT_TRUE(VerifyInclusion(index, size, leaf, *proof, roots_[size]).ok());
      for (const auto& spoiled : Spoiled(*proof)) {
        EXPECT_FALSE(VerifyInclusion(index, size, leaf, spoiled, roots_[size]).ok())
            << Case(index, size);
      }
    }
  }
}

TEST_F(MerkleTest, AnInclusionProofIsGoodForNoOtherIndexSizeOrLeaf) {
  const FakeStorage storage = StorageOf(kMostLeaves);
  for (uint64_t size = 1; size <= kMostLeaves; ++size) {
    for (uint64_t index = 0; index < size; ++index) {
      const auto proof = InclusionProof(index, size, storage.Reader());
      ASSERT_TRUE(proof.ok()) << Case(index, size);
      const Digest leaf = LeafHash(reference_.leaf(index));
      for (uint64_t other = 0; other <= kMostLeaves; ++other) {
        if (other != index) {
          EXPECT_FALSE(VerifyInclusion(other, size, leaf, *proof, roots_[size]).ok())
              << Case(index, size) << " as " << other;
        }
        if (other != size) {
          EXPECT_FALSE(VerifyInclusion(index, other, leaf, *proof, roots_[other]).ok())
              << Case(index, size) << " as size " << other;
        }
      }
      EXPECT_FALSE(VerifyInclusion(index, size, LeafHash("x"), *proof, roots_[size]).ok());
    }
  }
}

TEST_F(MerkleTest, EveryConsistencyProofVerifiesAndNoSpoiledOneDoes) {
  const FakeStorage storage = StorageOf(kMostLeaves);
  for (uint64_t size = 1; size <= kMostLeaves; ++size) {
    for (uint64_t old = 1; old <= size; ++old) {
      const auto proof = ConsistencyProof(old, size, storage.Reader());
      ASSERT_TRUE(proof.ok()) << Case(old, size) << proof.status();
      ASSERT_EQ(*proof, reference_.SubProof(old, 0, size, true)) << Case(old, size);
      EXPECT_TRUE(VerifyConsistency(old, size, roots_[old], roots_[size], *proof).ok())
          << Case(old, size);
      for (const auto& spoiled : Spoiled(*proof)) {
        EXPECT_FALSE(VerifyConsistency(old, size, roots_[old], roots_[size], spoiled).ok())
            << Case(old, size);
      }
    }
  }
}

TEST_F(MerkleTest, AConsistencyProofIsGoodForNoOtherSizesOrRoots) {
  const FakeStorage storage = StorageOf(kMostLeaves);
  for (uint64_t size = 2; size <= kMostLeaves; ++size) {
    for (uint64_t old = 1; old < size; ++old) {
      const auto proof = ConsistencyProof(old, size, storage.Reader());
      ASSERT_TRUE(proof.ok()) << Case(old, size);
      for (uint64_t other = 0; other <= kMostLeaves; ++other) {
        if (other != old) {
          EXPECT_FALSE(VerifyConsistency(other, size, roots_[other], roots_[size], *proof).ok())
              << Case(old, size) << " as from " << other;
          EXPECT_FALSE(VerifyConsistency(old, size, roots_[other], roots_[size], *proof).ok())
              << Case(old, size) << " with the old root of " << other;
        }
        if (other != size) {
          EXPECT_FALSE(VerifyConsistency(old, other, roots_[old], roots_[other], *proof).ok())
              << Case(old, size) << " as to " << other;
          EXPECT_FALSE(VerifyConsistency(old, size, roots_[old], roots_[other], *proof).ok())
              << Case(old, size) << " with the root of " << other;
        }
      }
    }
  }
}

TEST_F(MerkleTest, EmptyTrees) {
  const FakeStorage storage = StorageOf(5);
  EXPECT_EQ(EmptyRoot().Hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(*RootAt(0, storage.Reader()), EmptyRoot());
  EXPECT_FALSE(InclusionProof(0, 0, storage.Reader()).ok());
  EXPECT_FALSE(VerifyInclusion(0, 0, LeafHash(""), {}, EmptyRoot()).ok());
  for (const uint64_t size : {0, 1, 5}) {
    const auto proof = ConsistencyProof(0, size, storage.Reader());
    ASSERT_TRUE(proof.ok()) << size;
    EXPECT_TRUE(proof->empty()) << size;
    EXPECT_TRUE(VerifyConsistency(0, size, EmptyRoot(), roots_[size], {}).ok()) << size;
    EXPECT_FALSE(VerifyConsistency(0, size, roots_[1], roots_[size], {}).ok()) << size;
    EXPECT_FALSE(VerifyConsistency(0, size, EmptyRoot(), roots_[size], {roots_[1]}).ok()) << size;
  }
  EXPECT_FALSE(VerifyConsistency(0, 0, EmptyRoot(), roots_[1], {}).ok());
}

TEST_F(MerkleTest, SizesTheWrongWayRoundAreRefused) {
  const FakeStorage storage = StorageOf(5);
  EXPECT_FALSE(ConsistencyProof(5, 4, storage.Reader()).ok());
  EXPECT_FALSE(VerifyConsistency(5, 4, roots_[5], roots_[4], {}).ok());
  EXPECT_FALSE(InclusionProof(5, 5, storage.Reader()).ok());
}

TEST_F(MerkleTest, AReaderThatFailsOrGivesAnotherNumberOfHashesIsAnError) {
  const HashReader failing = [](const std::vector<NodeId>&) -> absl::StatusOr<std::vector<Digest>> {
    return absl::UnavailableError("disk");
  };
  const HashReader short_reader = [](const std::vector<NodeId>& nodes) {
    return absl::StatusOr<std::vector<Digest>>(std::vector<Digest>(nodes.size() - 1));
  };
  for (const HashReader& reader : {failing, short_reader}) {
    EXPECT_FALSE(RootAt(7, reader).ok());
    EXPECT_FALSE(InclusionProof(3, 7, reader).ok());
    EXPECT_FALSE(ConsistencyProof(3, 7, reader).ok());
  }
}

// A tree of equal leaves: a complete subtree's hash depends on its level alone, so that trees of
// any size can be had.
TEST(MerkleLargeTest, ProofsHoldAtTheEndsOfTheRange) {
  std::vector<Digest> level_hash = {LeafHash("same")};
  for (int i = 1; i < 64; ++i) level_hash.push_back(NodeHash(level_hash.back(), level_hash.back()));
  const HashReader read = [&](const std::vector<NodeId>& nodes) {
    std::vector<Digest> hashes;
    for (const NodeId& node : nodes) hashes.push_back(level_hash[static_cast<size_t>(node.level)]);
    return absl::StatusOr<std::vector<Digest>>(hashes);
  };
  const uint64_t most = UINT64_MAX;
  const std::vector<uint64_t> sizes = {
      1, 2, 255, 256, 257, 1ULL << 40, (1ULL << 40) + 1, 1ULL << 63, most - 1, most};
  for (const uint64_t size : sizes) {
    const Digest root = *RootAt(size, read);
    for (const uint64_t index : {uint64_t{0}, size / 3, size - 1}) {
      const auto proof = InclusionProof(index, size, read);
      ASSERT_TRUE(proof.ok()) << Case(index, size);
      EXPECT_TRUE(VerifyInclusion(index, size, level_hash[0], *proof, root).ok())
          << Case(index, size);
      EXPECT_FALSE(VerifyInclusion(index, size, LeafHash("other"), *proof, root).ok());
    }
    for (const uint64_t old : sizes) {
      if (old > size) continue;
      const auto proof = ConsistencyProof(old, size, read);
      ASSERT_TRUE(proof.ok()) << Case(old, size);
      EXPECT_TRUE(VerifyConsistency(old, size, *RootAt(old, read), root, *proof).ok())
          << Case(old, size);
    }
  }
}

TEST(MerkleLargeTest, ALeafThatLooksLikeANodeIsNone) {
  const Digest left = LeafHash("l");
  const Digest right = LeafHash("r");
  const std::string joined = std::string(left.Raw()) + std::string(right.Raw());
  EXPECT_NE(LeafHash(joined), NodeHash(left, right));
  EXPECT_NE(NodeHash(left, right), NodeHash(right, left));
}

// Leaves and roots of the tests of google/certificate-transparency
// (cpp/merkletree/merkle_tree_test.cc).
TEST(MerkleLargeTest, KnownRoots) {
  const std::vector<std::string> leaves = {"",
                                           "00",
                                           "10",
                                           "2021",
                                           "3031",
                                           "40414243",
                                           "5051525354555657",
                                           "606162636465666768696a6b6c6d6e6f"};
  FakeStorage storage;
  for (size_t i = 0; i < leaves.size(); ++i) storage.Append(*HexDecode(leaves[i]), i);
  EXPECT_EQ(RootAt(1, storage.Reader())->Hex(),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  EXPECT_EQ(RootAt(8, storage.Reader())->Hex(),
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

}  // namespace
}  // namespace tom::merkle
