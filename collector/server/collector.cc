#include "collector/server/collector.h"

#include "evidence/checkpoint.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

absl::Status CheckLedger(const CollectorState& state, Store& store) {
  return store.Read([&](const StoreView& view) -> absl::Status {
    TOM_ASSIGN_OR_RETURN(const LedgerHead head, view.Head());
    TOM_ASSIGN_OR_RETURN(const LogKey key, ParseVkey(state.trust.log_vkey));
    const absl::StatusOr<Checkpoint> checkpoint = VerifyCheckpoint(head.note, key);
    if (!checkpoint.ok()) {
      return absl::FailedPreconditionError("store: its ledger is not the one of this state folder");
    }
    if (checkpoint->size == head.size && checkpoint->root == head.root) return absl::OkStatus();
    return absl::DataLossError("store: the checkpoint is not that of its head");
  });
}

}  // namespace

absl::StatusOr<std::unique_ptr<Collector>> Collector::Open(CollectorState state,
                                                           std::unique_ptr<Store> store,
                                                           TsaConfig tsa, Clock clock) {
  TOM_RETURN_IF_ERROR(CheckLedger(state, *store));
  TOM_ASSIGN_OR_RETURN(const CertificateInfo publisher,
                       ReadCertificatePem(state.trust.publisher_pem));
  std::unique_ptr<Collector> out(new Collector(std::move(state)));  // NOLINT: private constructor
  out->store_ = std::move(store);
  out->sequencer_ = std::make_unique<Sequencer>(*out->store_, out->state_.trust.origin,
                                                out->state_.log_key, std::move(clock));
  out->stamper_ = std::make_unique<Stamper>(*out->store_, *out->sequencer_, std::move(tsa));
  out->reports_ = std::make_unique<ReportIngest>(*out->store_, *out->sequencer_);
  out->enrolment_ =
      std::make_unique<EnrolmentDesk>(*out->store_, *out->sequencer_, out->state_.host_ca);
  out->statements_ =
      std::make_unique<StatementDesk>(*out->sequencer_, out->state_.ca_certificate, publisher.der);
  return out;
}

}  // namespace tom
