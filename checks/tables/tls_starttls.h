// One connection that begins in the clear: a protocol's talk (starttls.h), and behind its go-ahead
// a dialogue of TLS.
#ifndef TOM_CHECKS_TABLES_TLS_STARTTLS_H_
#define TOM_CHECKS_TABLES_TLS_STARTTLS_H_

#include <memory>

#include "checks/parse/starttls.h"
#include "checks/tables/tls_dialogue.h"

namespace tom {

// `inner` null: the talk alone, for StarttlsGoal::kPlaintext. Its answers are the inner dialogue's,
// or of Kind::kTalk where the talk ended before TLS; those of a connection that ended before
// anybody had decided have `before_tls`.
std::unique_ptr<TlsDialogue> MakeStarttlsDialogue(std::unique_ptr<StarttlsTalk> talk,
                                                  std::unique_ptr<TlsDialogue> inner);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_TLS_STARTTLS_H_
