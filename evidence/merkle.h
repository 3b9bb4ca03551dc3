// RFC 6962 Merkle trees as pure functions: the root is computed from a proof and compared in one
// place. Storage reaches them as "give me these hashes", so the same lines run in collector,
// verifier and tests.
#ifndef TOM_EVIDENCE_MERKLE_H_
#define TOM_EVIDENCE_MERKLE_H_

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "evidence/digest.h"

namespace tom::merkle {

Digest EmptyRoot();                                        // SHA-256("")
Digest LeafHash(std::string_view leaf_data);               // SHA-256(0x00 || data)
Digest NodeHash(const Digest& left, const Digest& right);  // SHA-256(0x01 || left || right)

// A perfect subtree of 2^level leaves, the index-th of its level from the left (tlog "stored hash"
// coordinates).
struct NodeId {
  int level = 0;
  uint64_t index = 0;
  auto operator<=>(const NodeId&) const = default;
};

// Gives the hashes of complete nodes, in the order asked.
using HashReader =
    std::function<absl::StatusOr<std::vector<Digest>>(const std::vector<NodeId>& nodes)>;

// The nodes that appending leaf `index` completes above level 0, lowest first; their hashes follow
// from the leaf's and the reader's.
std::vector<NodeId> CompletedBy(uint64_t index);

absl::StatusOr<Digest> RootAt(uint64_t size, const HashReader& read);
// REQUIRES: index < size.
absl::StatusOr<std::vector<Digest>> InclusionProof(uint64_t index, uint64_t size,
                                                   const HashReader& read);
// REQUIRES: old_size <= size.
absl::StatusOr<std::vector<Digest>> ConsistencyProof(uint64_t old_size, uint64_t size,
                                                     const HashReader& read);

absl::StatusOr<Digest> RootFromInclusion(uint64_t index, uint64_t size, const Digest& leaf_hash,
                                         const std::vector<Digest>& proof);
absl::Status VerifyInclusion(uint64_t index, uint64_t size, const Digest& leaf_hash,
                             const std::vector<Digest>& proof, const Digest& root);
absl::Status VerifyConsistency(uint64_t old_size, uint64_t size, const Digest& old_root,
                               const Digest& root, const std::vector<Digest>& proof);

}  // namespace tom::merkle

#endif  // TOM_EVIDENCE_MERKLE_H_
