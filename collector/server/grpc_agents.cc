// Enrolment and Reporting over gRPC: protobuf in, protobuf out, nothing decided here.
#include <grpcpp/grpcpp.h>

#include "collector/ingest/anchor_reply.h"
#include "collector/server/grpc_call.h"
#include "evidence/limits.h"
#include "proto/tom/v1/enrolment.grpc.pb.h"
#include "proto/tom/v1/reporting.grpc.pb.h"

namespace tom {
namespace {

Envelope FromProto(const v1::SignedStatement& statement) {
  return {statement.payload(), statement.signature(), statement.keyid()};
}

void ToProto(const Envelope& envelope, v1::SignedStatement* out) {
  out->set_payload(envelope.payload);
  out->set_signature(envelope.signature);
  out->set_keyid(envelope.keyid);
}

v1::Ack::Status StatusOf(AckStatus status) {
  switch (status) {
    case AckStatus::kAccepted:
      return v1::Ack::ACCEPTED;
    case AckStatus::kDuplicate:
      return v1::Ack::DUPLICATE;
    case AckStatus::kFork:
      return v1::Ack::FORK;
    case AckStatus::kHeld:
      return v1::Ack::HELD;
    case AckStatus::kRejected:
      return v1::Ack::REJECTED;
  }
  return v1::Ack::STATUS_UNSPECIFIED;
}

// The proto's own framing comes on top of the bytes that count.
bool TooLarge(const google::protobuf::Message& request) {
  return request.ByteSizeLong() > limits::kMaxReportBytes + (64 << 10);
}

class EnrolmentService final : public v1::Enrolment::Service {
 public:
  explicit EnrolmentService(Collector& collector) : collector_(collector) {}

  grpc::Status Begin(grpc::ServerContext* context, const v1::BeginRequest* request,
                     v1::BeginReply* reply) override {
    const auto caller = AdmitCall(collector_, *context, *request, "tom.v1.Enrolment.Begin");
    if (!caller.ok()) return ToGrpc(caller.status());
    const auto offer = collector_.enrolment().Begin(request->token(), request->system());
    if (!offer.ok()) return ToGrpc(offer.status());
    reply->set_ledger(collector_.sequencer().origin());
    reply->set_authorisation(offer->authorisation.Hex());
    reply->set_host(offer->host);
    return grpc::Status::OK;
  }

  grpc::Status Finish(grpc::ServerContext* context, const v1::FinishRequest* request,
                      v1::FinishReply* reply) override {
    const auto caller = AdmitCall(collector_, *context, *request, "tom.v1.Enrolment.Finish");
    if (!caller.ok()) return ToGrpc(caller.status());
    if (TooLarge(*request)) return ToGrpc(absl::ResourceExhaustedError("request: over 1 MiB"));
    const auto grant = collector_.enrolment().Finish(
        request->token(), FromProto(request->enrolment()), request->csr());
    if (!grant.ok()) return ToGrpc(grant.status());
    reply->set_certificate(grant->certificate);
    reply->set_issuer(collector_.state().host_ca.certificate);
    reply->set_trust(collector_.state().trust_bytes);
    for (const std::string& controller : grant->controllers) reply->add_controllers(controller);
    return grpc::Status::OK;
  }

 private:
  Collector& collector_;
};

class ReportingService final : public v1::Reporting::Service {
 public:
  explicit ReportingService(Collector& collector) : collector_(collector) {}

  grpc::Status Submit(grpc::ServerContext* context, const v1::SubmitRequest* request,
                      v1::SubmitReply* reply) override {
    const auto caller = AdmitCall(collector_, *context, *request, "tom.v1.Reporting.Submit");
    if (!caller.ok()) return ToGrpc(caller.status());
    if (TooLarge(*request)) return ToGrpc(absl::ResourceExhaustedError("request: over 1 MiB"));
    std::vector<std::string> blobs;
    for (const v1::Blob& blob : request->blobs()) blobs.push_back(blob.data());
    const auto result = collector_.reports().Submit(caller->host, FromProto(request->statement()),
                                                    std::move(blobs));
    if (!result.ok()) return ToGrpc(result.status());
    v1::Ack* ack = reply->mutable_ack();
    ack->set_chain(result->chain);
    ack->set_seq(result->seq);
    ack->set_digest(result->digest.Hex());
    ack->set_status(StatusOf(result->status));
    ack->set_other(result->other);
    ack->set_reason(result->reason);
    reply->set_retry_after_seconds(result->retry_after_seconds);
    return grpc::Status::OK;
  }

  grpc::Status PutBlob(grpc::ServerContext* context, const v1::PutBlobRequest* request,
                       v1::PutBlobReply* reply) override {
    const auto caller = AdmitCall(collector_, *context, *request, "tom.v1.Reporting.PutBlob");
    if (!caller.ok()) return ToGrpc(caller.status());
    if (TooLarge(*request)) return ToGrpc(absl::ResourceExhaustedError("request: over 1 MiB"));
    const auto digest = collector_.reports().PutBlob(caller->host, request->blob().data());
    if (!digest.ok()) return ToGrpc(digest.status());
    reply->set_digest(digest->Hex());
    return grpc::Status::OK;
  }

  grpc::Status GetAnchor(grpc::ServerContext* context, const v1::GetAnchorRequest* request,
                         v1::GetAnchorReply* reply) override {
    const auto caller = AdmitCall(collector_, *context, *request, "tom.v1.Reporting.GetAnchor");
    if (!caller.ok()) return ToGrpc(caller.status());
    absl::StatusOr<AnchorReply> answer = absl::InternalError("not asked");
    const absl::Status status = collector_.store().Read([&](const StoreView& view) {
      answer = MakeAnchorReply(view, caller->host, request->held_size());
      return answer.status();
    });
    if (!status.ok()) return ToGrpc(status);
    reply->set_checkpoint(answer->checkpoint);
    reply->set_token(answer->token);
    for (const Digest& hash : answer->consistency) reply->add_consistency(std::string(hash.Raw()));
    if (!answer->receipt) return grpc::Status::OK;
    v1::Receipt* receipt = reply->mutable_receipt();
    receipt->set_digest(answer->receipt->digest.Hex());
    receipt->set_index(answer->receipt->index);
    receipt->set_leaf_body(Canonical(LeafBodyToJson(answer->receipt->leaf_body)));
    for (const Digest& hash : answer->receipt->inclusion) {
      receipt->add_inclusion(std::string(hash.Raw()));
    }
    return grpc::Status::OK;
  }

  grpc::Status GetCatalogue(grpc::ServerContext* context, const v1::GetCatalogueRequest* request,
                            v1::GetCatalogueReply* reply) override {
    const auto caller = AdmitCall(collector_, *context, *request, "tom.v1.Reporting.GetCatalogue");
    if (!caller.ok()) return ToGrpc(caller.status());
    absl::StatusOr<CatalogueReply> answer = absl::InternalError("not asked");
    const absl::Status status = collector_.store().Read([&](const StoreView& view) {
      answer = CatalogueInForce(view);
      return answer.status();
    });
    if (absl::IsNotFound(status)) {
      return ToGrpc(absl::NotFoundError("catalogue: none is in force yet"));
    }
    if (!status.ok()) return ToGrpc(status);
    if (answer->statement.digest.Hex() == request->held_digest()) {
      reply->set_unchanged(true);
      return grpc::Status::OK;
    }
    ToProto(answer->statement.envelope, reply->mutable_statement());
    reply->set_publisher(answer->publisher);
    reply->set_catalogue(answer->catalogue);
    return grpc::Status::OK;
  }

 private:
  Collector& collector_;
};

}  // namespace

Services AgentServices(Collector& collector) {
  return {std::make_shared<EnrolmentService>(collector),
          std::make_shared<ReportingService>(collector)};
}

}  // namespace tom
