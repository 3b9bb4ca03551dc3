// What changes from one catalogue to another, in words: for whoever is about to publish it.
#ifndef TOM_COLLECTOR_CTL_CATALOGUE_DIFF_H_
#define TOM_COLLECTOR_CTL_CATALOGUE_DIFF_H_

#include <string>
#include <vector>

#include "evidence/catalogue.h"

namespace tom {

struct CatalogueChange {
  std::string kind;    // check | measure | profile | authority
  std::string id;      // of an authority: the SHA-256 of its certificate
  std::string change;  // added | removed | changed
  std::string what;    // of what is changed: its members, "; " between them; a value that loosens a
                       // promise is called looser
};

// By kind, then id. The catalogues' versions are no change.
std::vector<CatalogueChange> DiffCatalogues(const Catalogue& before, const Catalogue& after);

}  // namespace tom

#endif  // TOM_COLLECTOR_CTL_CATALOGUE_DIFF_H_
