#include "agent/collector_client.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "evidence/limits.h"
#include "evidence/status_text.h"
#include "proto/unknown_fields.h"
#include "tom/v1/enrolment.grpc.pb.h"
#include "tom/v1/reporting.grpc.pb.h"

namespace tom {
namespace {

constexpr int kCallSeconds = 30;
constexpr size_t kEnvelopeSlack = 64 << 10;
constexpr size_t kMaxListItems = 128;  // no Merkle proof of a tree under 2^63 is longer

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  std::string message = status.error_message().substr(0, 1000);
  if (!IsUtf8(message)) message = "an error whose text is no UTF-8";
  return {static_cast<absl::StatusCode>(status.error_code()), ToAbsl(message)};
}

void SetDeadline(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(kCallSeconds));
}

absl::Status CheckReply(const google::protobuf::Message& reply, size_t max_bytes) {
  if (reply.ByteSizeLong() > max_bytes) {
    return absl::InvalidArgumentError("the collector's reply is over its bound");
  }
  if (HasUnknownFields(reply)) {
    return absl::InvalidArgumentError("the collector's reply has unknown fields");
  }
  return absl::OkStatus();
}

void ToProto(const Envelope& from, v1::SignedStatement& to) {
  to.set_payload(from.payload);
  to.set_keyid(from.keyid);
  to.set_signature(from.signature);
}

absl::StatusOr<std::vector<Digest>> Digests(
    const google::protobuf::RepeatedPtrField<std::string>& raw) {
  if (static_cast<size_t>(raw.size()) > kMaxListItems) return BadData("a proof is too long");
  std::vector<Digest> digests;
  for (const std::string& item : raw) {
    TOM_ASSIGN_OR_RETURN(const Digest digest, Digest::FromRaw(item));
    digests.push_back(digest);
  }
  return digests;
}

std::shared_ptr<grpc::Channel> Connect(const CollectorAddress& address,
                                       const grpc::SslCredentialsOptions& tls) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(static_cast<int>(limits::kMaxCatalogueBytes + kEnvelopeSlack));
  arguments.SetCompressionAlgorithm(GRPC_COMPRESS_NONE);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);  // targets come from the configuration alone
  return grpc::CreateCustomChannel("dns:///" + address.Text(), grpc::SslCredentials(tls),
                                   arguments);
}

class GrpcEnrolment final : public EnrolmentClient {
 public:
  explicit GrpcEnrolment(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(v1::Enrolment::NewStub(channel)) {}

  absl::StatusOr<BeginAnswer> Begin(const std::string& secret, const std::string& system) override {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::BeginRequest request;
    request.set_token(secret);
    request.set_system(system);
    v1::BeginReply reply;
    TOM_RETURN_IF_ERROR(FromGrpc(stub_->Begin(&context, request, &reply)));
    TOM_RETURN_IF_ERROR(CheckReply(reply, limits::kMaxReplyBytes));
    return BeginAnswer{reply.ledger(), reply.authorisation(), reply.host()};
  }

  absl::StatusOr<FinishAnswer> Finish(const std::string& secret, const Envelope& enrolment,
                                      const std::string& csr_der) override {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::FinishRequest request;
    request.set_token(secret);
    ToProto(enrolment, *request.mutable_enrolment());
    request.set_csr(csr_der);
    v1::FinishReply reply;
    TOM_RETURN_IF_ERROR(FromGrpc(stub_->Finish(&context, request, &reply)));
    TOM_RETURN_IF_ERROR(CheckReply(reply, limits::kMaxReplyBytes));
    return FinishAnswer{reply.certificate(),
                        reply.trust(),
                        {reply.controllers().begin(), reply.controllers().end()},
                        reply.issuer()};
  }

 private:
  std::unique_ptr<v1::Enrolment::Stub> stub_;
};

absl::StatusOr<AckStatus> StatusOf(v1::Ack::Status status) {
  switch (status) {
    case v1::Ack::ACCEPTED:
      return AckStatus::kAccepted;
    case v1::Ack::DUPLICATE:
      return AckStatus::kDuplicate;
    case v1::Ack::FORK:
      return AckStatus::kFork;
    case v1::Ack::HELD:
      return AckStatus::kHeld;
    case v1::Ack::REJECTED:
      return AckStatus::kRejected;
    default:
      return BadData("the collector's acknowledgement has no known status");
  }
}

absl::StatusOr<SubmitAnswer> FromProto(const v1::SubmitReply& reply) {
  SubmitAnswer answer;
  answer.chain = reply.ack().chain();
  answer.seq = reply.ack().seq();
  TOM_ASSIGN_OR_RETURN(answer.digest, Digest::FromHex(reply.ack().digest()));
  TOM_ASSIGN_OR_RETURN(answer.status, StatusOf(reply.ack().status()));
  if (!reply.ack().other().empty()) {
    TOM_ASSIGN_OR_RETURN(answer.other, Digest::FromHex(reply.ack().other()));
  }
  answer.reason = reply.ack().reason().substr(0, limits::kMaxStringBytes);
  answer.retry_after_seconds =
      std::min<int64_t>(reply.retry_after_seconds(), limits::kMaxRetryAfterSeconds);
  return answer;
}

absl::StatusOr<AnchorAnswer> FromProto(const v1::GetAnchorReply& reply) {
  AnchorAnswer answer{reply.checkpoint(), reply.token(), {}, std::nullopt};
  TOM_ASSIGN_OR_RETURN(answer.consistency, Digests(reply.consistency()));
  if (!reply.has_receipt() || reply.receipt().digest().empty()) return answer;
  ReceiptAnswer receipt;
  TOM_ASSIGN_OR_RETURN(receipt.digest, Digest::FromHex(reply.receipt().digest()));
  receipt.index = reply.receipt().index();
  receipt.leaf_body = reply.receipt().leaf_body();
  TOM_ASSIGN_OR_RETURN(receipt.inclusion, Digests(reply.receipt().inclusion()));
  answer.receipt = std::move(receipt);
  return answer;
}

class GrpcReporting final : public ReportingClient {
 public:
  explicit GrpcReporting(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(v1::Reporting::NewStub(channel)) {}

  absl::StatusOr<SubmitAnswer> Submit(const Envelope& statement,
                                      const std::vector<std::string>& blobs) override {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::SubmitRequest request;
    ToProto(statement, *request.mutable_statement());
    for (const std::string& blob : blobs) request.add_blobs()->set_data(blob);
    v1::SubmitReply reply;
    TOM_RETURN_IF_ERROR(FromGrpc(stub_->Submit(&context, request, &reply)));
    TOM_RETURN_IF_ERROR(CheckReply(reply, limits::kMaxReplyBytes));
    return FromProto(reply);
  }

  absl::Status PutBlob(const std::string& blob) override {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::PutBlobRequest request;
    request.mutable_blob()->set_data(blob);
    v1::PutBlobReply reply;
    TOM_RETURN_IF_ERROR(FromGrpc(stub_->PutBlob(&context, request, &reply)));
    TOM_RETURN_IF_ERROR(CheckReply(reply, limits::kMaxReplyBytes));
    if (reply.digest() == Sha256(blob).Hex()) return absl::OkStatus();
    return BadData("the collector took a blob for another one");
  }

  absl::StatusOr<AnchorAnswer> GetAnchor(uint64_t held_size) override {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::GetAnchorRequest request;
    request.set_held_size(held_size);
    v1::GetAnchorReply reply;
    TOM_RETURN_IF_ERROR(FromGrpc(stub_->GetAnchor(&context, request, &reply)));
    TOM_RETURN_IF_ERROR(CheckReply(reply, limits::kMaxReplyBytes));
    return FromProto(reply);
  }

  absl::StatusOr<CatalogueAnswer> GetCatalogue(const std::optional<Digest>& held) override {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::GetCatalogueRequest request;
    if (held) request.set_held_digest(held->Hex());
    v1::GetCatalogueReply reply;
    TOM_RETURN_IF_ERROR(FromGrpc(stub_->GetCatalogue(&context, request, &reply)));
    TOM_RETURN_IF_ERROR(CheckReply(reply, limits::kMaxCatalogueBytes + kEnvelopeSlack));
    CatalogueAnswer answer;
    answer.unchanged = reply.unchanged();
    answer.statement = {reply.statement().payload(), reply.statement().signature(),
                        reply.statement().keyid()};
    answer.publisher = reply.publisher();
    answer.catalogue = reply.catalogue();
    return answer;
  }

 private:
  std::unique_ptr<v1::Reporting::Stub> stub_;
};

}  // namespace

void PrepareGrpcEnvironment() {
  setenv("GRPC_ENABLE_FORK_SUPPORT", "0", 1);
  // gRPC 1.51 has no minimum version: a TLS 1.2 suite that never can be agreed leaves TLS 1.3
  // alone.
  setenv("GRPC_SSL_CIPHER_SUITES", "PSK-AES256-GCM-SHA384", 1);
  setenv("GRPC_VERBOSITY", "NONE", 0);
}

std::unique_ptr<EnrolmentClient> ConnectForEnrolment(const CollectorAddress& address,
                                                     const std::string& ca_pem) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = ca_pem;
  return std::make_unique<GrpcEnrolment>(Connect(address, tls));
}

std::unique_ptr<ReportingClient> ConnectAsHost(const CollectorAddress& address,
                                               const HostTls& host) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = host.ca_pem;
  tls.pem_cert_chain = host.certificate_pem;
  tls.pem_private_key = host.key_pem;
  return std::make_unique<GrpcReporting>(Connect(address, tls));
}

}  // namespace tom
