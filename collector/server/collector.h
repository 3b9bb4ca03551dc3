// The collector's parts, put together: everything behind the transport.
#ifndef TOM_COLLECTOR_SERVER_COLLECTOR_H_
#define TOM_COLLECTOR_SERVER_COLLECTOR_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "collector/ingest/enrolment.h"
#include "collector/ingest/report_ingest.h"
#include "collector/ingest/statement_desk.h"
#include "collector/ledger/stamper.h"
#include "collector/pki/state_dir.h"

namespace tom {

// Immutable once made; its parts are thread-safe. Ends in reverse order of its members.
class Collector {
 public:
  // FailedPrecondition where the store's ledger is not the state's.
  static absl::StatusOr<std::unique_ptr<Collector>> Open(CollectorState state,
                                                         std::unique_ptr<Store> store,
                                                         TsaConfig tsa, Clock clock);

  const CollectorState& state() const { return state_; }
  Store& store() { return *store_; }
  Sequencer& sequencer() { return *sequencer_; }
  Stamper& stamper() { return *stamper_; }
  ReportIngest& reports() { return *reports_; }
  EnrolmentDesk& enrolment() { return *enrolment_; }
  StatementDesk& statements() { return *statements_; }
  UnixSeconds Now() const { return sequencer_->Now(); }

 private:
  explicit Collector(CollectorState state) : state_(std::move(state)) {}

  const CollectorState state_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Sequencer> sequencer_;
  std::unique_ptr<Stamper> stamper_;
  std::unique_ptr<ReportIngest> reports_;
  std::unique_ptr<EnrolmentDesk> enrolment_;
  std::unique_ptr<StatementDesk> statements_;
};

}  // namespace tom

#endif  // TOM_COLLECTOR_SERVER_COLLECTOR_H_
