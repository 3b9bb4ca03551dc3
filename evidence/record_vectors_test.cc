// Runs tests/vectors/{record,merkle}-*: expected bytes from make_record_vectors.py, one reader a
// kind of vector.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>

#include "evidence/canonical_json.h"
#include "evidence/envelope.h"
#include "evidence/merkle.h"
#include "evidence/report.h"
#include "evidence/row.h"
#include "evidence/scope_statements.h"
#include "evidence/statement.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// What a reader made of an input: compared with the members of expect.json by name.
using Outcome = absl::StatusOr<Json::Object>;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Inputs that are values to compute from are this suite's own: a wrong one ends the test.
const std::string& Text(const Json& json, const char* key) { return json.Find(key)->AsString(); }
Digest DigestIn(const Json& json, const char* key) { return *Digest::FromHex(Text(json, key)); }
uint64_t Number(const Json& json, const char* key) {
  return static_cast<uint64_t>(json.Find(key)->AsInteger());
}

std::string Raw(const Json& value) {
  return value.IsString() ? value.AsString() : *Base64Decode(value.Find("bytes")->AsString());
}

Outcome ReadHead(const std::string& input) {
  TOM_ASSIGN_OR_RETURN(const Head head, ParseHead(input));
  EXPECT_EQ(Canonical(HeadToJson(head)), input);
  return Json::Object{{"digest", HeadDigest(head).Hex()}};
}

Outcome ReadBody(const std::string& input) {
  TOM_ASSIGN_OR_RETURN(const Body body, ParseBody(input));
  EXPECT_EQ(Canonical(BodyToJson(body)), input);
  return Json::Object{{"digest", CanonicalDigest(BodyToJson(body)).Hex()}};
}

Outcome MakeRow(const std::string& input) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(input));
  const std::string key = *HexDecode(Text(json, "key"));
  TOM_ASSIGN_OR_RETURN(Head head, HeadFromJson(*json.Find("head")));
  head.check = Text(json, "check");
  head.params = CanonicalDigest(*json.Find("values"));
  Body body;
  body.subject = Raw(*json.Find("subject"));
  body.reason = Text(json, "reason");
  body.evidence = *json.Find("evidence");
  body = SaltBody(body, key, head.check, head.params);
  head.subject_id = SubjectId(key, head.check, head.params, body.subject);
  head.body = CanonicalDigest(BodyToJson(body));
  TOM_RETURN_IF_ERROR(CheckRow(head, body));
  return Json::Object{{"body", head.body.Hex()},
                      {"digest", HeadDigest(head).Hex()},
                      {"salt", body.salt},
                      {"subject_id", head.subject_id}};
}

Outcome MakePseudonym(const std::string& input) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(input));
  const std::string key = *HexDecode(Text(json, "key"));
  return Json::Object{{"pseudonym", Pseudonym(key, Text(json, "kind"), Raw(*json.Find("value")))}};
}

Outcome MakeState(const std::string& input) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(input));
  std::vector<Digest> digests;
  if (const Json* heads = json.Find("heads"); heads != nullptr) {
    for (const Json& item : heads->AsArray()) {
      TOM_ASSIGN_OR_RETURN(const Head head, HeadFromJson(item));
      digests.push_back(HeadDigest(head));
    }
  }
  return Json::Object{{"state", GroupState(digests).Hex()}};
}

Outcome ReadReport(const std::string& input) {
  TOM_ASSIGN_OR_RETURN(const Report report, ParseReport(input));
  EXPECT_EQ(EncodeReport(report), input);
  return Json::Object{{"digest", StatementDigest(input).Hex()},
                      {"heartbeat", report.IsHeartbeat() ? 1 : 0}};
}

Outcome ReadDigestList(const std::string& input) {
  TOM_ASSIGN_OR_RETURN(const std::vector<Digest> digests, ParseDigestList(input));
  EXPECT_EQ(EncodeDigestList(digests), input);
  return Json::Object{{"digest", Sha256(input).Hex()}};
}

template <typename T>
absl::Status SameAgain(absl::StatusOr<T> (*read)(const Json&), const Json& predicate) {
  TOM_ASSIGN_OR_RETURN(const T value, read(predicate));
  EXPECT_EQ(ToPredicate(value), predicate);
  return absl::OkStatus();
}

absl::Status ReadPredicate(const Statement& statement) {
  const Json& predicate = statement.predicate;
  switch (statement.kind) {
    case Kind::kHandover:
      return SameAgain(HandoverFrom, predicate);
    case Kind::kEnrolmentAuthorisation:
      return SameAgain(EnrolmentAuthorisationFrom, predicate);
    case Kind::kEnrolment:
      return SameAgain(EnrolmentFrom, predicate);
    case Kind::kApproval:
      return SameAgain(ApprovalFrom, predicate);
    case Kind::kInventory:
      return SameAgain(InventoryFrom, predicate);
    case Kind::kLabel:
      return SameAgain(LabelFrom, predicate);
    case Kind::kProfile:
      return SameAgain(ProfileStatementFrom, predicate);
    case Kind::kCatalogueVersion:
      return SameAgain(CatalogueVersionFrom, predicate);
    case Kind::kCatalogue:
      return SameAgain(CatalogueStatementFrom, predicate);
    case Kind::kTick:
      return SameAgain(TickFrom, predicate);
    default:
      return BadData("no reader of this kind");
  }
}

Outcome ReadStatement(const std::string& input) {
  TOM_ASSIGN_OR_RETURN(const Statement statement, ParseKindStatement(input));
  TOM_RETURN_IF_ERROR(ReadPredicate(statement));
  EXPECT_EQ(EncodeKindStatement(statement.kind, statement.predicate), input);
  return Json::Object{{"digest", StatementDigest(input).Hex()}};
}

std::vector<Digest> ProofIn(const Json& json) {
  std::vector<Digest> proof;
  if (const Json* hashes = json.Find("proof"); hashes != nullptr) {
    for (const Json& hash : hashes->AsArray()) proof.push_back(*Digest::FromHex(hash.AsString()));
  }
  return proof;
}

Outcome MakeMerkleRoot(const std::string& input) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(input));
  std::map<merkle::NodeId, Digest> nodes;
  uint64_t size = 0;
  if (const Json* leaves = json.Find("leaves"); leaves != nullptr) {
    for (const Json& leaf : leaves->AsArray()) {
      nodes[{0, size}] = merkle::LeafHash(leaf.AsString());
      for (const merkle::NodeId& node : merkle::CompletedBy(size)) {
        nodes[node] = merkle::NodeHash(nodes.at({node.level - 1, node.index * 2}),
                                       nodes.at({node.level - 1, node.index * 2 + 1}));
      }
      ++size;
    }
  }
  const auto read = [&](const std::vector<merkle::NodeId>& ids) {
    std::vector<Digest> hashes;
    for (const merkle::NodeId& id : ids) hashes.push_back(nodes.at(id));
    return absl::StatusOr<std::vector<Digest>>(hashes);
  };
  TOM_ASSIGN_OR_RETURN(const Digest root, merkle::RootAt(size, read));
  return Json::Object{{"root", root.Hex()}};
}

Outcome CheckInclusion(const std::string& input) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(input));
  const Digest leaf = merkle::LeafHash(Raw(*json.Find("leaf")));
  TOM_RETURN_IF_ERROR(merkle::VerifyInclusion(Number(json, "index"), Number(json, "size"), leaf,
                                              ProofIn(json), DigestIn(json, "root")));
  return Json::Object{};
}

Outcome CheckConsistency(const std::string& input) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(input));
  TOM_RETURN_IF_ERROR(merkle::VerifyConsistency(Number(json, "old_size"), Number(json, "size"),
                                                DigestIn(json, "old_root"), DigestIn(json, "root"),
                                                ProofIn(json)));
  return Json::Object{};
}

const std::map<std::string, std::function<Outcome(const std::string&)>>& Readers() {
  static const auto& readers =
      *new std::map<std::string, std::function<Outcome(const std::string&)>>{
          {"head", ReadHead},
          {"body", ReadBody},
          {"row", MakeRow},
          {"pseudonym", MakePseudonym},
          {"state", MakeState},
          {"report", ReadReport},
          {"digest_list", ReadDigestList},
          {"statement", ReadStatement},
          {"merkle_root", MakeMerkleRoot},
          {"merkle_inclusion", CheckInclusion},
          {"merkle_consistency", CheckConsistency},
      };
  return readers;
}

std::vector<fs::path> Folders() {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(fs::path(TOM_SOURCE_DIR) / "tests/vectors")) {
    const std::string name = entry.path().filename();
    if (name.starts_with("record-") || name.starts_with("merkle-")) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

class RecordVectorTest : public testing::TestWithParam<fs::path> {};

TEST_P(RecordVectorTest, ComesOutAsTheIndependentScriptSays) {
  const std::string text = ReadFile(GetParam() / "expect.json");
  const auto expect = ParseCanonical(text);
  ASSERT_TRUE(expect.ok()) << text << expect.status();
  const auto reader = Readers().find(Text(*expect, "reader"));
  ASSERT_NE(reader, Readers().end()) << "no such reader: " << text;
  const Outcome outcome = reader->second(ReadFile(GetParam() / "input.json"));
  ASSERT_EQ(outcome.ok(), Number(*expect, "ok") == 1) << outcome.status();
  if (!outcome.ok()) {
    EXPECT_THAT(std::string(outcome.status().message()), HasSubstr(Text(*expect, "error")));
    return;
  }
  Json::Object wanted = expect->AsObject();
  wanted.erase("reader");
  wanted.erase("ok");
  EXPECT_EQ(Canonical(Json(*outcome)), Canonical(Json(wanted)));
}

INSTANTIATE_TEST_SUITE_P(Vectors, RecordVectorTest, testing::ValuesIn(Folders()),
                         [](const auto& param) {
                           std::string name = param.param.filename();
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// A checkout without its vectors must not look like success.
TEST(RecordVectorsTest, EveryReaderHasVectors) {
  std::map<std::string, int> count;
  for (const fs::path& folder : Folders()) {
    const auto expect = ParseCanonical(ReadFile(folder / "expect.json"));
    ASSERT_TRUE(expect.ok()) << folder;
    ++count[Text(*expect, "reader")];
  }
  for (const auto& [name, reader] : Readers()) EXPECT_GE(count[name], 3) << name;
}

}  // namespace
}  // namespace tom
