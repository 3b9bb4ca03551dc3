#include "collector/server/authorisation.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "collector/server/test_collector.h"
#include "proto/tom/v1/enrolment.pb.h"
#include "proto/tom/v1/operator.pb.h"
#include "proto/tom/v1/reporting.pb.h"

namespace tom {
namespace {

class AuthorisationTest : public testing::Test {
 protected:
  absl::StatusCode Ask(std::string_view method, const std::string& pem) {
    absl::Status status;
    const absl::Status read = box_.collector->store().Read([&](const StoreView& view) {
      status = Authorise(view, method, pem, {box_.ca().certificate, box_.host_ca().certificate},
                         box_.clock.Get()())
                   .status();
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok());
    return status.code();
  }
  std::string Pem(Purpose purpose) { return DerToPem(box_.Person(purpose).certificate); }

  TestCollector box_;
};

TEST(AuthorisationTable, HasARowForEachMethodOfTheProtosAndNoOther) {
  size_t methods = 0;
  for (const auto* file :
       {v1::BeginRequest::descriptor()->file(), v1::SubmitRequest::descriptor()->file(),
        v1::QueryRequest::descriptor()->file()}) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int m = 0; m < file->service(i)->method_count(); ++m) {
        const std::string name = file->service(i)->method(m)->full_name();
        ++methods;
        EXPECT_EQ(std::count_if(kRpcRules.begin(), kRpcRules.end(),
                                [&](const RpcRule& rule) { return rule.method == name; }),
                  1)
            << name;
      }
    }
  }
  EXPECT_EQ(methods, kRpcRules.size());
}

TEST_F(AuthorisationTest, EveryMethodDeniesEveryoneElse) {
  box_.Enrol("web-1");
  const std::string host = box_.tls_certificate;
  TestCollector foreign;
  for (const RpcRule& rule : kRpcRules) {
    if (!rule.purpose) {
      EXPECT_EQ(Ask(rule.method, ""), absl::StatusCode::kOk) << rule.method;
      continue;
    }
    EXPECT_EQ(Ask(rule.method, ""), absl::StatusCode::kUnauthenticated) << rule.method;
    EXPECT_NE(Ask(rule.method, "no certificate"), absl::StatusCode::kOk) << rule.method;
    EXPECT_EQ(Ask(rule.method, DerToPem(foreign.Person(*rule.purpose).certificate)),
              absl::StatusCode::kPermissionDenied)
        << rule.method;
    for (const Purpose purpose :
         {Purpose::kCollectorTls, Purpose::kHostTls, Purpose::kOperatorTls, Purpose::kOperator,
          Purpose::kApprover, Purpose::kPublisher, Purpose::kPackSigner}) {
      const std::string pem = purpose == Purpose::kHostTls ? host : Pem(purpose);
      EXPECT_EQ(Ask(rule.method, pem), purpose == *rule.purpose
                                           ? absl::StatusCode::kOk
                                           : absl::StatusCode::kPermissionDenied)
          << rule.method << " " << PurposeName(purpose);
    }
  }
  EXPECT_EQ(Ask("tom.v1.Operator.Nothing", host), absl::StatusCode::kPermissionDenied);
}

TEST_F(AuthorisationTest, TheHostCaMakesNoOperatorAndTheCaNoHost) {
  const auto made_by = [&](const Issuer& issuer, Purpose purpose) {
    return DerToPem(TestPerson::Make(issuer, purpose, box_.clock.Get()()).certificate);
  };
  EXPECT_EQ(Ask("tom.v1.Operator.Query", made_by(box_.ca(), Purpose::kOperatorTls)),
            absl::StatusCode::kOk);
  EXPECT_EQ(Ask("tom.v1.Operator.Query", made_by(box_.host_ca(), Purpose::kOperatorTls)),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Ask("tom.v1.Reporting.Submit", made_by(box_.ca(), Purpose::kHostTls)),
            absl::StatusCode::kPermissionDenied);
}

TEST_F(AuthorisationTest, HostsThatAreRetiredUnknownOrNamelessAreDenied) {
  const TestHost host = box_.Enrol("web-1");
  const std::string submit = "tom.v1.Reporting.Submit";
  EXPECT_EQ(Ask(submit, box_.tls_certificate), absl::StatusCode::kOk);
  EXPECT_EQ(Ask(submit, Pem(Purpose::kHostTls)), absl::StatusCode::kPermissionDenied)
      << "a certificate that names a person";
  ASSERT_TRUE(box_.collector->store()
                  .Write([&](StoreTransaction& write) {
                    HostRow row = *write.Host(host.host());
                    row.retired_leaf = 5;
                    return write.UpdateHost(row);
                  })
                  .ok());
  EXPECT_EQ(Ask(submit, box_.tls_certificate), absl::StatusCode::kPermissionDenied);
  box_.clock.Advance(366 * kDay);
  EXPECT_EQ(Ask("tom.v1.Operator.Query", Pem(Purpose::kOperatorTls)), absl::StatusCode::kOk);
}

}  // namespace
}  // namespace tom
