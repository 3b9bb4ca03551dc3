// Runs the folders of tests/vectors (see make_vectors.py) that record_vectors_test.cc does not: one
// row of kReaders a kind of vector. A folder without a reader here fails, so no vector is left out
// in silence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "evidence/canonical_json.h"
#include "evidence/checkpoint.h"
#include "evidence/envelope.h"
#include "evidence/leaf.h"
#include "evidence/merkle.h"
#include "evidence/statement.h"
#include "evidence/status_text.h"
#include "evidence/utc_time.h"

namespace tom {
namespace {

namespace fs = std::filesystem;

struct Input {
  std::string bytes;  // of input.*
  std::string key;    // of input.key, "" when there is none
};

// What a reader made of an input: compared with the members of expect.json by name.
using Outcome = absl::StatusOr<Json::Object>;

Outcome ReadCanonicalJson(const Input& input) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(input.bytes));
  EXPECT_EQ(Canonical(json), input.bytes);
  return Json::Object{{"digest", CanonicalDigest(json).Hex()}};
}

Outcome ReadUtcTime(const Input& input) {
  TOM_ASSIGN_OR_RETURN(const UnixSeconds seconds, ParseUtc(input.bytes));
  EXPECT_EQ(FormatUtc(seconds), input.bytes);
  return Json::Object{{"seconds", seconds}};
}

Outcome ReadVkey(const Input& input) {
  TOM_ASSIGN_OR_RETURN(const LogKey key, ParseVkey(input.bytes));
  EXPECT_EQ(EncodeVkey(key.name, key.key), input.bytes);
  return Json::Object{{"name", key.name}, {"raw", HexEncode(key.key.Ed25519Raw())}};
}

Outcome ReadCheckpoint(const Input& input) {
  TOM_ASSIGN_OR_RETURN(const LogKey key, ParseVkey(input.key));
  TOM_ASSIGN_OR_RETURN(const Checkpoint checkpoint, VerifyCheckpoint(input.bytes, key));
  EXPECT_EQ(CheckpointText(checkpoint), *NoteText(input.bytes));
  return Json::Object{{"origin", checkpoint.origin},
                      {"root", checkpoint.root.Hex()},
                      {"size", checkpoint.size},
                      {"text", Sha256(*NoteText(input.bytes)).Hex()}};
}

Outcome ReadStatement(const Input& input) {
  TOM_ASSIGN_OR_RETURN(const Statement statement, ParseKindStatement(input.bytes));
  EXPECT_EQ(EncodeKindStatement(statement.kind, statement.predicate), input.bytes);
  return Json::Object{{"digest", StatementDigest(input.bytes).Hex()},
                      {"kind", KindName(statement.kind)}};
}

Outcome ReadEnvelope(const Input& input) {
  TOM_ASSIGN_OR_RETURN(const std::string spki, HexDecode(input.key));
  TOM_ASSIGN_OR_RETURN(const PublicKey key, PublicKey::FromSpki(spki));
  TOM_ASSIGN_OR_RETURN(const Envelope envelope, EnvelopeFromJson(input.bytes));
  EXPECT_EQ(EnvelopeToJson(envelope), input.bytes);
  TOM_RETURN_IF_ERROR(VerifyEnvelope(envelope, key));
  return Json::Object{{"digest", envelope.StatementDigest().Hex()}};
}

Outcome ReadLeaf(const Input& input) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(input.bytes));
  TOM_ASSIGN_OR_RETURN(const LeafBody body, LeafBodyFromJson(json, "leaf"));
  EXPECT_EQ(Canonical(LeafBodyToJson(body)), input.bytes);
  const std::string data = LeafData(LeafBodyDigest(body));
  return Json::Object{{"data", data},
                      {"digest", LeafBodyDigest(body).Hex()},
                      {"hash", merkle::LeafHash(data).Hex()}};
}

constexpr struct {
  std::string_view name;
  Outcome (*read)(const Input&);
} kReaders[] = {{"canonical-json", ReadCanonicalJson},
                {"checkpoint", ReadCheckpoint},
                {"envelope", ReadEnvelope},
                {"leaf", ReadLeaf},
                {"statement", ReadStatement},
                {"utc-time", ReadUtcTime},
                {"vkey", ReadVkey}};

Outcome Run(std::string_view reader, const Input& input) {
  for (const auto& row : kReaders) {
    if (row.name == reader) return row.read(input);
  }
  ADD_FAILURE() << "no reader named " << reader;
  return BadData("no reader");
}

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

Input ReadInput(const fs::path& folder) {
  Input input;
  int inputs = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (name == "expect.json") continue;
    EXPECT_TRUE(name.starts_with("input.")) << entry.path();
    if (name == "input.key") {
      input.key = ReadAll(entry.path());
      continue;
    }
    input.bytes = ReadAll(entry.path());
    ++inputs;
  }
  EXPECT_EQ(inputs, 1) << folder;
  return input;
}

void RunFolder(const fs::path& folder) {
  SCOPED_TRACE(folder.filename().string());
  const auto expect = ParseCanonical(ReadAll(folder / "expect.json"));
  ASSERT_TRUE(expect.ok()) << expect.status();
  FieldReader fields(*expect, "expect");
  const std::string reader = fields.String("reader");
  const bool ok = fields.Flag("ok");
  const Outcome outcome = Run(reader, ReadInput(folder));
  ASSERT_EQ(outcome.ok(), ok) << outcome.status();
  if (!ok) {
    const std::string problem = fields.String("error");
    ASSERT_FALSE(problem.empty());
    EXPECT_THAT(std::string(outcome.status().message()), testing::HasSubstr(problem));
  }
  size_t compared = 0;
  for (const auto& [name, value] : ok ? *outcome : Json::Object{}) {
    const Json* wanted = fields.Any(name);
    ASSERT_NE(wanted, nullptr) << name;
    EXPECT_EQ(*wanted, value) << name;
    ++compared;
  }
  EXPECT_TRUE(!ok || compared > 0) << "nothing was compared";
  EXPECT_TRUE(fields.Finish().ok()) << fields.Finish();
}

TEST(Vectors, EveryFolderReadsAsExpected) {
  size_t folders = 0;
  for (const auto& entry : fs::directory_iterator(TOM_SOURCE_DIR "/tests/vectors")) {
    const std::string name = entry.path().filename();
    if (!entry.is_directory() || name.starts_with("record-") || name.starts_with("merkle-"))
      continue;
    RunFolder(entry.path());
    ++folders;
  }
  EXPECT_GE(folders, 100u);
}

}  // namespace
}  // namespace tom
