#include "evidence/statement.h"

#include <array>
#include <utility>

#include "evidence/limits.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct KindRow {
  Kind kind;
  std::string_view name;
};

// The one list of kinds, in the order of the enumeration.
constexpr std::array kKinds = {
    KindRow{Kind::kReport, "report"},
    KindRow{Kind::kHandover, "handover"},
    KindRow{Kind::kEnrolmentAuthorisation, "enrolment-authorisation"},
    KindRow{Kind::kEnrolment, "enrolment"},
    KindRow{Kind::kApproval, "approval"},
    KindRow{Kind::kInventory, "inventory"},
    KindRow{Kind::kLabel, "label"},
    KindRow{Kind::kProfile, "profile"},
    KindRow{Kind::kCatalogueVersion, "catalogue-version"},
    KindRow{Kind::kCatalogue, "catalogue"},
    KindRow{Kind::kTick, "tick"},
    KindRow{Kind::kExclusion, "exclusion"},
    KindRow{Kind::kWaiver, "waiver"},
    KindRow{Kind::kRetirement, "retirement"},
    KindRow{Kind::kRevocation, "revocation"},
};

constexpr bool InOrder() {
  for (size_t i = 0; i < kKinds.size(); ++i) {
    if (static_cast<size_t>(kKinds[i].kind) != i) return false;
  }
  return kKinds.size() == static_cast<size_t>(Kind::kRevocation) + 1;
}
static_assert(InOrder(), "kKinds is indexed by Kind");

constexpr std::string_view kVersionSuffix = "/v1";

std::string PredicateType(Kind kind) {
  return std::string(kPredicatePrefix) + std::string(KindName(kind)) + std::string(kVersionSuffix);
}

absl::StatusOr<Kind> KindFromPredicateType(std::string_view type) {
  for (const KindRow& row : kKinds) {
    if (type == PredicateType(row.kind)) return row.kind;
  }
  return BadData("unknown predicate type");
}

Json SubjectToJson(const Subject& subject) {
  return Json::Object{{"digest", Json::Object{{"sha256", subject.digest.Hex()}}},
                      {"name", subject.name}};
}

absl::StatusOr<Subject> SubjectFromJson(const Json& json, const std::string& where) {
  Subject subject;
  FieldReader fields(json, where);
  subject.name = fields.String("name");
  const Json* digest = fields.Object("digest");
  if (digest == nullptr) fields.Fail("digest", "missing");
  TOM_RETURN_IF_ERROR(fields.Finish());
  FieldReader digests(*digest, where + ".digest");
  subject.digest = digests.DigestOf("sha256");
  TOM_RETURN_IF_ERROR(digests.Finish());
  return subject;
}

absl::StatusOr<std::vector<Subject>> SubjectsFromJson(const Json* array) {
  if (array == nullptr) return BadData("subject: missing");
  std::vector<Subject> subjects;
  for (const Json& item : array->AsArray()) {
    const std::string where = "subject[" + std::to_string(subjects.size()) + "]";
    TOM_ASSIGN_OR_RETURN(Subject subject, SubjectFromJson(item, where));
    if (!subjects.empty() && subject.name <= subjects.back().name) {
      return BadData(where + ".name: not in ascending order without duplicates");
    }
    subjects.push_back(std::move(subject));
  }
  return subjects;
}

}  // namespace

std::string_view KindName(Kind kind) { return kKinds.at(static_cast<size_t>(kind)).name; }

absl::StatusOr<Kind> KindFromName(std::string_view name) {
  for (const KindRow& row : kKinds) {
    if (row.name == name) return row.kind;
  }
  return BadData("unknown kind of statement: " + std::string(name));
}

std::string EncodeStatement(const Statement& statement) {
  Json::Array subjects;
  for (const Subject& subject : statement.subjects) subjects.push_back(SubjectToJson(subject));
  return Canonical(Json::Object{{"_type", kStatementType},
                                {"predicate", statement.predicate},
                                {"predicateType", PredicateType(statement.kind)},
                                {"subject", std::move(subjects)}});
}

absl::StatusOr<Statement> ParseStatement(std::string_view payload) {
  if (payload.size() > limits::kMaxStatementBytes) return BadData("statement: too large");
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(payload));
  FieldReader fields(json, "");
  if (fields.String("_type") != kStatementType) {
    fields.Fail("_type", "expected " + std::string(kStatementType));
  }
  const std::string type = fields.String("predicateType");
  const auto kind = KindFromPredicateType(type);
  if (!kind.ok()) fields.Fail("predicateType", FromAbsl(kind.status().message()));
  const Json* predicate = fields.Object("predicate");
  if (predicate == nullptr) fields.Fail("predicate", "missing");
  const Json* subjects = fields.Array("subject");
  TOM_RETURN_IF_ERROR(fields.Finish());
  Statement statement;
  statement.kind = *kind;
  TOM_ASSIGN_OR_RETURN(statement.subjects, SubjectsFromJson(subjects));
  statement.predicate = *predicate;
  return statement;
}

std::string EncodeKindStatement(Kind kind, const Json& predicate) {
  Statement statement{.kind = kind, .subjects = {}, .predicate = predicate};
  statement.subjects.push_back({std::string(KindName(kind)), CanonicalDigest(predicate)});
  return EncodeStatement(statement);
}

absl::StatusOr<Statement> ParseKindStatement(std::string_view payload) {
  TOM_ASSIGN_OR_RETURN(Statement statement, ParseStatement(payload));
  if (statement.kind == Kind::kReport) return BadData("predicateType: a report is read otherwise");
  if (statement.subjects.size() != 1) return BadData("subject: expected exactly one");
  if (statement.subjects[0].name != KindName(statement.kind)) {
    return BadData("subject[0].name: not the statement's kind");
  }
  if (statement.subjects[0].digest != CanonicalDigest(statement.predicate)) {
    return BadData("subject[0].digest: not the predicate's digest");
  }
  return statement;
}

}  // namespace tom
