// What an agent fetches back: anchor, receipt and catalogue.
#ifndef TOM_COLLECTOR_INGEST_ANCHOR_REPLY_H_
#define TOM_COLLECTOR_INGEST_ANCHOR_REPLY_H_

#include <optional>
#include <string>
#include <vector>

#include "collector/store/store.h"

namespace tom {

struct ReceiptParts {
  Digest digest;
  uint64_t index = 0;
  LeafBody leaf_body;
  std::vector<Digest> inclusion;
};

struct AnchorReply {
  std::string checkpoint;
  std::string token;                // empty: not stamped
  std::vector<Digest> consistency;  // from held_size; empty where that is 0 or beyond
  std::optional<ReceiptParts> receipt;
};

// The newest stamped checkpoint, or the newest at all where none is stamped.
absl::StatusOr<AnchorReply> MakeAnchorReply(const StoreView& view, const std::string& host,
                                            uint64_t held_size);

struct CatalogueReply {
  StoredStatement statement;
  std::string publisher;
  std::string catalogue;
};

// The one that the newest catalogue-version statement names. NotFound while there is none.
absl::StatusOr<CatalogueReply> CatalogueInForce(const StoreView& view);

}  // namespace tom

#endif  // TOM_COLLECTOR_INGEST_ANCHOR_REPLY_H_
