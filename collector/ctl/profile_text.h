// A profile for people: one block a clause, wrapped, with what proves it.
#ifndef TOM_COLLECTOR_CTL_PROFILE_TEXT_H_
#define TOM_COLLECTOR_CTL_PROFILE_TEXT_H_

#include <string>

#include "evidence/catalogue.h"

namespace tom {

// Lines of at most 100 characters where words allow; control characters of its texts made visible.
std::string ProfileText(const Profile& profile, const Catalogue& catalogue);

}  // namespace tom

#endif  // TOM_COLLECTOR_CTL_PROFILE_TEXT_H_
