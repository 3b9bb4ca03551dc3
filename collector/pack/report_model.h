// What the writers of a pack's report and OSCAL documents are given: figures from report_numbers
// alone, and the names, texts and rules that make them readable, all out of the pack's own evidence
// files.
#ifndef TOM_COLLECTOR_PACK_REPORT_MODEL_H_
#define TOM_COLLECTOR_PACK_REPORT_MODEL_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "collector/pack/pack_spool.h"
#include "evidence/catalogue.h"
#include "evidence/pack_evidence.h"
#include "evidence/row.h"
#include "evidence/scope_statements.h"

namespace tom {

// One statement that decided who and what is judged.
struct RuleChange {
  UnixSeconds received_at = 0;
  std::optional<UnixSeconds> stamped;  // the earliest believed stamp over it
  std::string kind;
  std::string who;  // the signer's name, or what kind of key signed
  std::string what;
  std::string digest;
};

struct StampLine {
  uint64_t size = 0;
  std::string root;
  UnixSeconds time = 0;
  std::string authority;  // empty: no authority given to the collector believes it
};

struct ReportModel {
  Json numbers;
  std::string ledger;
  Profile profile;      // in force at the period's end
  Catalogue catalogue;  // likewise; empty where none is
  // By inventory id; nothing where the body is withheld or erased.
  std::map<std::string, std::optional<InventoryBody>> systems;
  std::map<std::string, Body> bodies;  // by hex digest of the head, of findings
  std::vector<RuleChange> changes;
  std::vector<StampLine> stamps;
  std::map<std::string, Digest> files;  // of the evidence
};

// From the evidence files in `spool`, which JudgeEvidence has judged.
absl::StatusOr<ReportModel> MakeReportModel(const PackSpool& spool, const JudgedEvidence& judged,
                                            const EvidenceTrust& trust, const Json& numbers);

// The name of a system, and its id where there is no name.
std::string SystemName(const ReportModel& model, const std::string& id);
// Title of a measure, and its id where the catalogue has none.
std::string MeasureTitle(const ReportModel& model, const std::string& id);

}  // namespace tom

#endif  // TOM_COLLECTOR_PACK_REPORT_MODEL_H_
