#include "proto/unknown_fields.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tom/v1/operator.pb.h"

namespace tom {
namespace {

constexpr std::string_view kField15 = "\x78\x01";  // field 15, varint 1: no message of ours has it

std::string Message(char tag, const std::string& content) {
  return std::string{tag, static_cast<char>(content.size())} + content;
}

bool Unknown(const std::string& bytes) {
  v1::SubmitStatementRequest request;
  EXPECT_TRUE(request.ParseFromString(bytes)) << testing::PrintToString(bytes);
  return HasUnknownFields(request);
}

TEST(UnknownFields, AreFoundAtEachDepth) {
  const std::string unknown(kField15);
  const std::string statement = Message('\x0a', "");  // field 1, one message
  const std::string blob = Message('\x12', "");       // field 2, repeated
  EXPECT_FALSE(Unknown(""));
  EXPECT_FALSE(Unknown(statement + blob + blob));
  EXPECT_TRUE(Unknown(unknown));
  EXPECT_TRUE(Unknown(Message('\x0a', unknown) + blob));
  EXPECT_TRUE(Unknown(statement + blob + Message('\x12', unknown))) << "the last of a list";
}

TEST(UnknownFields, EntriesOfMapsAreKnown) {
  v1::QueryRequest request;
  (*request.mutable_arguments())["at"] = "now";
  ASSERT_TRUE(request.ParseFromString(request.SerializeAsString()));
  EXPECT_FALSE(HasUnknownFields(request));
}

}  // namespace
}  // namespace tom
