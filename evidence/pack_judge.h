// The judge behind JudgeEvidence, with the verifier of time-stamps in the open so that tests can
// say when a checkpoint was stamped. Internal to evidence/.
#ifndef TOM_EVIDENCE_PACK_JUDGE_H_
#define TOM_EVIDENCE_PACK_JUDGE_H_

#include <functional>
#include <string>
#include <vector>

#include "evidence/pack_evidence.h"
#include "evidence/pack_ledger.h"

namespace tom {

struct JudgeOptions {
  StampVerifier verify_stamp;
  bool compare_numbers = true;
  // Told of each host before it goes into the roll-up; may be empty.
  std::function<void(const HostEvidence&)> see_host = nullptr;
};
JudgedEvidence JudgePackFiles(const std::vector<std::string>& names, const PackFileReader& read,
                              const EvidenceTrust& trust, const JudgeOptions& options);

}  // namespace tom

#endif  // TOM_EVIDENCE_PACK_JUDGE_H_
