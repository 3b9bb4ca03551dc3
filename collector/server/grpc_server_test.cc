// The whole server over real mTLS on loopback.
#include "collector/server/grpc_server.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <ctime>
#include <fstream>

#include "collector/server/test_collector.h"
#include "collector/server/tls13.h"
#include "evidence/read_file.h"
#include "proto/tom/v1/enrolment.grpc.pb.h"
#include "proto/tom/v1/operator.grpc.pb.h"
#include "proto/tom/v1/reporting.grpc.pb.h"

namespace tom {
namespace {

class GrpcServerTest : public testing::Test {
 protected:
  GrpcServerTest() : now_(std::time(nullptr)), box_({}, now_) {  // TLS looks at the real clock
    UseTls13Only();
    auto server = GrpcServer::Start(
        *box_.collector, "127.0.0.1:0",
        [](Store&, const PackRequest& request, const PackEmit& emit) -> absl::Status {
          const absl::Status status = emit("a", std::string(600 << 10, 'a'));
          return status.ok() ? emit("empty " + request.profile, "") : status;
        });
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  std::shared_ptr<grpc::Channel> Channel(const std::string& key, const std::string& certificate) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = box_.collector->state().ca_pem;
    options.pem_private_key = key;
    options.pem_cert_chain = certificate;
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(server_->port()),
                                     grpc::SslCredentials(options), arguments);
  }
  std::shared_ptr<grpc::Channel> Channel(const TestPerson& person) {
    return Channel(person.key.ToPem(), DerToPem(person.certificate));
  }

  static void Fill(const SignedReport& report, v1::SubmitRequest& request) {
    request.mutable_statement()->set_payload(report.envelope.payload);
    request.mutable_statement()->set_signature(report.envelope.signature);
    for (const std::string& blob : report.blobs) request.add_blobs()->set_data(blob);
  }

  grpc::StatusCode Begin(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    v1::BeginRequest request;
    v1::BeginReply reply;
    request.set_token("unknown");
    request.set_system("web-1");
    return v1::Enrolment::NewStub(channel)->Begin(&context, request, &reply).error_code();
  }

  // An operator's authorisation, over gRPC.
  void Authorise(const std::string& secret) {
    const TestPerson operator_tls = box_.Person(Purpose::kOperatorTls);
    const TestPerson person = box_.Person(Purpose::kOperator);
    const auto people = Channel(operator_tls);
    {
      grpc::ClientContext context;
      v1::SubmitStatementRequest request;
      v1::SubmitStatementReply reply;
      const Envelope envelope =
          person.Sign(Kind::kEnrolmentAuthorisation,
                      TestAuthorisation(person, box_.origin(), secret, now_ + kDay));
      request.mutable_statement()->set_payload(envelope.payload);
      request.mutable_statement()->set_signature(envelope.signature);
      request.add_blobs()->set_data(person.certificate);
      const auto status = v1::Operator::NewStub(people)->SubmitStatement(&context, request, &reply);
      ASSERT_TRUE(status.ok()) << status.error_message();
      EXPECT_EQ(reply.digest(), envelope.StatementDigest().Hex());
    }
  }

  const UnixSeconds now_;
  TestCollector box_;
  std::unique_ptr<GrpcServer> server_;
};

TEST_F(GrpcServerTest, AHostEnrolsReportsAndFetchesItsReceipt) {
  ASSERT_NO_FATAL_FAILURE(Authorise("secret"));
  const auto nobody = v1::Enrolment::NewStub(Channel("", ""));
  v1::BeginReply offer;
  {
    grpc::ClientContext context;
    v1::BeginRequest request;
    request.set_token("secret");
    request.set_system("web-1");
    ASSERT_TRUE(nobody->Begin(&context, request, &offer).ok());
  }
  const PrivateKey key = PrivateKey::Generate(KeyKind::kP256).value();
  const PrivateKey tls = PrivateKey::Generate(KeyKind::kP256).value();
  v1::FinishReply grant;
  {
    grpc::ClientContext context;
    v1::FinishRequest request;
    const Enrolment enrolment = box_.EnrolmentFor(
        {Digest::FromHex(offer.authorisation()).value(), offer.host()}, "web-1", key);
    const Envelope envelope =
        SignEnvelope(EncodeKindStatement(Kind::kEnrolment, ToPredicate(enrolment)), key).value();
    request.set_token("secret");
    request.mutable_enrolment()->set_payload(envelope.payload);
    request.mutable_enrolment()->set_signature(envelope.signature);
    request.set_csr(MakeCsr(tls));
    const auto status = nobody->Finish(&context, request, &grant);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_TRUE(ParseTrust(grant.trust()).ok());
  }
  TestHost host(box_.origin(), offer.host(), key);
  const auto stub = v1::Reporting::NewStub(Channel(tls.ToPem(), DerToPem(grant.certificate())));
  for (int i = 0; i < 3; ++i) {
    grpc::ClientContext context;
    v1::SubmitRequest request;
    v1::SubmitReply reply;
    Fill(host.Next(now_ + i), request);
    const auto status = stub->Submit(&context, request, &reply);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(reply.ack().status(), v1::Ack::ACCEPTED) << reply.ack().reason();
    EXPECT_EQ(reply.ack().digest(), host.tip()->Hex());
  }
  grpc::ClientContext context;
  v1::GetAnchorRequest request;
  v1::GetAnchorReply reply;
  ASSERT_TRUE(stub->GetAnchor(&context, request, &reply).ok());
  EXPECT_EQ(reply.receipt().digest(), host.tip()->Hex());
  EXPECT_TRUE(reply.token().empty());
}

TEST_F(GrpcServerTest, PacksComeInChunks) {
  const auto stub = v1::Operator::NewStub(Channel(box_.Person(Purpose::kOperatorTls)));
  grpc::ClientContext context;
  v1::ExportPackRequest request;
  request.set_profile("p");
  const auto reader = stub->ExportPack(&context, request);
  v1::PackChunk chunk;
  std::map<std::string, size_t> files;
  std::string name;
  while (reader->Read(&chunk)) {
    if (!chunk.name().empty()) name = chunk.name();
    files[name] += chunk.data().size();
    if (chunk.last()) name.clear();
  }
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(files, (std::map<std::string, size_t>{{"a", 600 << 10}, {"empty p", 0}}));
}

TEST_F(GrpcServerTest, DeniesByCertificate) {
  EXPECT_EQ(Begin(Channel("", "")), grpc::StatusCode::UNAUTHENTICATED) << "the token, not TLS";
  TestCollector foreign({}, now_);
  EXPECT_EQ(Begin(Channel(foreign.Person(Purpose::kOperatorTls))), grpc::StatusCode::UNAVAILABLE)
      << "a foreign CA ends the handshake";
  v1::QueryRequest request;
  request.set_view("hosts");
  v1::QueryReply reply;
  const auto query = [&](const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    return v1::Operator::NewStub(channel)->Query(&context, request, &reply).error_code();
  };
  EXPECT_EQ(query(Channel("", "")), grpc::StatusCode::UNAUTHENTICATED);
  box_.Enrol("web-1");
  EXPECT_EQ(query(Channel(box_.tls_key, box_.tls_certificate)),
            grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(query(Channel(box_.Person(Purpose::kOperatorTls))), grpc::StatusCode::OK);
  EXPECT_NE(reply.json().find("web-1"), std::string::npos) << reply.json();
}

TEST_F(GrpcServerTest, RefusesUnknownFieldsAndWhatIsTooLarge) {
  box_.Enrol("web-1");
  const auto stub = v1::Reporting::NewStub(Channel(box_.tls_key, box_.tls_certificate));
  {
    grpc::ClientContext context;
    v1::SubmitRequest request;
    v1::SubmitReply reply;
    v1::Blob* blob = request.add_blobs();
    blob->GetReflection()->MutableUnknownFields(blob)->AddVarint(77, 1);
    EXPECT_EQ(stub->Submit(&context, request, &reply).error_code(),
              grpc::StatusCode::INVALID_ARGUMENT);
  }
  for (const size_t size : {size_t{2} << 20, size_t{11} << 20}) {
    grpc::ClientContext context;
    v1::PutBlobRequest request;
    v1::PutBlobReply reply;
    request.mutable_blob()->set_data(std::string(size, 'x'));
    EXPECT_EQ(stub->PutBlob(&context, request, &reply).error_code(),
              grpc::StatusCode::RESOURCE_EXHAUSTED)
        << size;
  }
}

TEST_F(GrpcServerTest, SpeaksTls13AndNothingOlder) {
  const std::string base =
      "openssl s_client -connect 127.0.0.1:" + std::to_string(server_->port()) +
      " -alpn h2 -CAfile " + box_.folder + "/state/ca.pem -verify_return_error ";
  const std::string quiet = " </dev/null >" + box_.folder + "/s_client 2>&1";
  EXPECT_EQ(std::system((base + "-tls1_3" + quiet).c_str()), 0);
  const std::string shown = ReadSmallFile(box_.folder + "/s_client", 1 << 20).value();
  EXPECT_NE(shown.find(" 1 s:CN = TOM installation CA"), std::string::npos)
      << "agents pin the CA at the end of the chain\n"
      << shown;
  EXPECT_NE(std::system((base + "-tls1_2" + quiet).c_str()), 0);
}

TEST_F(GrpcServerTest, ViewsRefuseWhatTheyDoNotKnow) {
  const auto stub = v1::Operator::NewStub(Channel(box_.Person(Purpose::kOperatorTls)));
  const auto ask = [&](const std::string& view, const std::map<std::string, std::string>& given) {
    grpc::ClientContext context;
    v1::QueryRequest request;
    v1::QueryReply reply;
    request.set_view(view);
    for (const auto& [name, value] : given) (*request.mutable_arguments())[name] = value;
    return stub->Query(&context, request, &reply).error_code();
  };
  EXPECT_EQ(ask("nothing", {}), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ask("hosts", {{"x", "y"}}), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ask("status", {}), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ask("status", {{"profile", "p"}, {"at", "yesterday"}}),
            grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ask("status", {{"profile", "p"}}), grpc::StatusCode::NOT_FOUND);
  for (const char* view : {"hosts", "notices", "ledger", "trust", "profile"}) {
    EXPECT_EQ(ask(view, {}), grpc::StatusCode::OK) << view;
  }
}

}  // namespace
}  // namespace tom
