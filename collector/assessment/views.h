// What people read: views of the store as the JSON that interfaces.md fixes.
//
// - hosts:
// [{"host","system","kind","controllers","enrolled_at","last_report_at","reports","state"}]
// - inventory: {"source","drawn_at","drawn_by","systems":[...]}
// - status: arguments profile, controller?, and at or from + to; the shape of `tomctl status`
// - findings: the same arguments; the shape of `tomctl finding list`
// - notices: [{"kind","host","at","detail"}]: forks, gaps, refusals, budgets
// - profile: argument name: its canonical JSON; without: [{"profile","statement","in_force_from"}]
// - catalogue: {"version","statement","expires","checks":n}
// - ledger: {"origin","size","root","checkpoint","vkey","stamp":{"size","time"}?}; with argument
//   held_size also "consistency":[{"hash"}] from that size
// - trust: the trust file
#ifndef TOM_COLLECTOR_ASSESSMENT_VIEWS_H_
#define TOM_COLLECTOR_ASSESSMENT_VIEWS_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "collector/store/store.h"
#include "evidence/trust.h"

namespace tom {

struct ViewRequest {
  std::string view;
  std::map<std::string, std::string> arguments;
  UnixSeconds now = 0;
  const Trust* trust = nullptr;
};

// InvalidArgument names an argument that is missing, unknown or not of its form; NotFound an
// unknown view or thing.
absl::StatusOr<std::string> QueryView(const StoreView& view, const ViewRequest& request);

}  // namespace tom

#endif  // TOM_COLLECTOR_ASSESSMENT_VIEWS_H_
