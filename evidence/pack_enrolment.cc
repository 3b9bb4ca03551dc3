#include <fnmatch.h>

#include <algorithm>

#include "evidence/pack_scope.h"

namespace tom {

// Empty when the enrolment counts.
std::string PackScope::WhyNotEnrolled(const Item& at, const Enrolment& enrolment) {
  const auto found = authorisations_.find(enrolment.authorisation);
  if (found == authorisations_.end()) return "no authorisation for it is logged before it";
  Authorisation& authorisation = found->second;
  // Received at the earliest after the newest stamp that does not cover it, whatever the collector
  // says.
  const UnixSeconds earliest =
      std::max(at.entry->leaf.body.received_at,
               ledger_.StampBefore(at.entry->leaf.index).value_or(at.entry->leaf.body.received_at));
  if (earliest > authorisation.value.expires) return "its authorisation had expired";
  if (fnmatch(authorisation.value.systems.c_str(), enrolment.system.c_str(), 0) != 0) {
    return "its authorisation is not for system " + enrolment.system;
  }
  if (result_.hosts.contains(enrolment.host)) return "the host is enrolled already";
  if (authorisation.used >= authorisation.value.uses) return "its authorisation had been used up";
  ++authorisation.used;
  return "";
}

void PackScope::ApplyEnrolment(const Item& at) {
  const auto value = EnrolmentFrom(at.statement.predicate);
  if (!sheet_.Check("statement-signatures", value.status(), at.piece)) return;
  if (const std::string why = WhyNotEnrolled(at, *value); !why.empty()) {
    sheet_.Disprove("signer-roles", "enrolment of host " + value->host + ": " + why, at.piece);
    return;
  }
  const EnrolmentAuthorisation& by = authorisations_.at(value->authorisation).value;
  result_.hosts[value->host] = {value->host,
                                value->system,
                                by.kind,
                                value->spki,
                                at.entry->leaf.index,
                                at.acts_at,
                                {{at.acts_at, by.controllers}}};
}

}  // namespace tom
