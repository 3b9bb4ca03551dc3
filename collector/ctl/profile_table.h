// A profile as `tomctl profile show` gives it:
// {"profile","document","clauses":[{"clause","promise","reading","basis",
// "proof","measures":[…],"checks":[…],"parameters":{…}}]} (interfaces.md).
#ifndef TOM_COLLECTOR_CTL_PROFILE_TABLE_H_
#define TOM_COLLECTOR_CTL_PROFILE_TABLE_H_

#include <string>

#include "absl/status/statusor.h"
#include "collector/ctl/operator_client.h"
#include "evidence/catalogue.h"

namespace tom {

// The checks of a clause are those of its measures in `catalogue`.
std::string ProfileTable(const Profile& profile, const Catalogue& catalogue);

// Digest of the catalogue in force at the collector.
absl::StatusOr<std::string> PublishedCatalogue(OperatorClient& client);

// `given`, or the one profile that is on record; an error where there are several or none.
absl::StatusOr<std::string> ProfileOrOnly(OperatorClient& client, const std::string& given);

}  // namespace tom

#endif  // TOM_COLLECTOR_CTL_PROFILE_TABLE_H_
