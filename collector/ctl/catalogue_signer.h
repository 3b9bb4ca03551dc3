// Signing a catalogue with the publisher's key.
#ifndef TOM_COLLECTOR_CTL_CATALOGUE_SIGNER_H_
#define TOM_COLLECTOR_CTL_CATALOGUE_SIGNER_H_

#include <string>

#include "absl/status/status.h"
#include "collector/ctl/session.h"
#include "evidence/catalogue.h"

namespace CLI {
class App;
}

namespace tom {

struct CatalogueTerms {
  int64_t version = 0;
  std::string expires = "400d";  // from now
};

// --version and --expires; `terms` must outlive `app`.
void AddCatalogueTerms(CLI::App& app, CatalogueTerms& terms);

// Prints the signed catalogue (catalogue_file.h) of that version, and to standard error what it is.
absl::Status PrintSigned(Session& session, Catalogue catalogue, const CatalogueTerms& terms);

}  // namespace tom

#endif  // TOM_COLLECTOR_CTL_CATALOGUE_SIGNER_H_
