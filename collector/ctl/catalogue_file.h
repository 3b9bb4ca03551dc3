// A signed catalogue between `catalogue sign` and `catalogue publish`, which may be two people:
// canonical JSON {catalogue: b64, publisher: b64 DER, statement: b64 of the DSSE envelope}.
#ifndef TOM_COLLECTOR_CTL_CATALOGUE_FILE_H_
#define TOM_COLLECTOR_CTL_CATALOGUE_FILE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "evidence/envelope.h"

namespace tom {

struct CatalogueFile {
  std::string catalogue;  // canonical JSON
  std::string publisher_der;
  Envelope statement;
};

std::string EncodeCatalogueFile(const CatalogueFile& file);
// Strict; checks that the statement is signed by that certificate's key and speaks of that
// catalogue.
absl::StatusOr<CatalogueFile> ParseCatalogueFile(std::string_view bytes);
// The same of a file, which errors name.
absl::StatusOr<CatalogueFile> ReadCatalogueFile(const std::string& path);

}  // namespace tom

#endif  // TOM_COLLECTOR_CTL_CATALOGUE_FILE_H_
