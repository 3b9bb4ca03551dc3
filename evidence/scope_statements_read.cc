#include <algorithm>
#include <array>

#include "evidence/json_bounds.h"
#include "evidence/scope_statements.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr std::array<std::string_view, 3> kSystemKinds = {"host", "connector", "collector"};

enum class Signer { kNamed, kNone };

// Reads the members that every predicate has; those of the statement's own kind follow through
// `fields`.
class PredicateReader {
 public:
  PredicateReader(const Json& predicate, Signer signer) : PredicateReader(predicate, "predicate") {
    common_.ledger = Text("ledger");
    common_.salt = fields.Hex("salt", 32);
    if (signer == Signer::kNamed) common_.signer = fields.DigestOf("signer");
  }

  // A part of a predicate: without the common members.
  PredicateReader(const Json& json, const std::string& where)
      : fields(json, where), bounds_(CheckStringBounds(json, where)) {}

  const StatementCommon& common() const { return common_; }

  std::string Text(std::string_view key) {
    std::string text = fields.String(key);
    if (text.empty()) fields.Fail(key, "empty");
    return text;
  }

  std::string Key(std::string_view key) {
    std::string spki = fields.Bytes(key);
    if (spki.empty()) fields.Fail(key, "empty");
    return spki;
  }

  std::string SystemKind() {
    std::string kind = fields.String("kind");
    if (std::find(kSystemKinds.begin(), kSystemKinds.end(), kind) == kSystemKinds.end()) {
      fields.Fail("kind", "expected host, connector or collector");
    }
    return kind;
  }

  // Never empty: a host of nobody in particular is {"shared"}, which then stands alone.
  std::vector<std::string> Controllers() {
    std::vector<std::string> ids = fields.StringSet("controllers");
    if (ids.empty()) fields.Fail("controllers", "missing");
    for (const std::string& id : ids) {
      if (id.empty()) fields.Fail("controllers", "an empty id");
      if (id == "shared" && ids.size() > 1) fields.Fail("controllers", "shared stands alone");
    }
    return ids;
  }

  std::map<std::string, std::string> Labels() {
    std::map<std::string, std::string> labels;
    const Json* members = fields.Object("labels");
    if (members == nullptr) return labels;
    if (members->AsObject().empty()) fields.Fail("labels", "empty: left out instead");
    for (const auto& [name, text] : members->AsObject()) {
      if (!text.IsString()) {
        fields.Fail("labels", "expected texts");
        return {};
      }
      labels.emplace(name, text.AsString());
    }
    return labels;
  }

  absl::Status Finish() {
    TOM_RETURN_IF_ERROR(bounds_);
    return fields.Finish();
  }

  FieldReader fields;

 private:
  absl::Status bounds_;
  StatementCommon common_;
};

absl::StatusOr<InventorySystem> SystemFrom(const Json& json, const std::string& where) {
  PredicateReader reader(json, where);
  InventorySystem system;
  system.id = reader.Text("id");
  system.kind = reader.SystemKind();
  system.controllers = reader.Controllers();
  system.in_service_from = reader.fields.Time("in_service_from");
  if (reader.fields.Has("in_service_to")) {
    system.in_service_to = reader.fields.Time("in_service_to");
    if (*system.in_service_to < system.in_service_from) {
      reader.fields.Fail("in_service_to", "before in_service_from");
    }
  }
  system.body = reader.fields.DigestOf("body");
  TOM_RETURN_IF_ERROR(reader.Finish());
  return system;
}

absl::StatusOr<std::vector<InventorySystem>> SystemsFrom(const Json::Array& items) {
  std::vector<InventorySystem> systems;
  for (const Json& item : items) {
    const std::string where = "predicate.systems[" + std::to_string(systems.size()) + "]";
    TOM_ASSIGN_OR_RETURN(InventorySystem system, SystemFrom(item, where));
    if (!systems.empty() && system.id <= systems.back().id) {
      return BadData(where + ".id: not in ascending order without duplicates");
    }
    systems.push_back(std::move(system));
  }
  return systems;
}

}  // namespace

absl::StatusOr<EnrolmentAuthorisation> EnrolmentAuthorisationFrom(const Json& predicate) {
  PredicateReader reader(predicate, Signer::kNamed);
  EnrolmentAuthorisation statement;
  statement.common = reader.common();
  statement.token = reader.fields.DigestOf("token");
  statement.systems = reader.Text("systems");
  statement.controllers = reader.Controllers();
  statement.labels = reader.Labels();
  statement.kind = reader.SystemKind();
  statement.uses = reader.fields.Integer("uses", 1);
  statement.expires = reader.fields.Time("expires");
  TOM_RETURN_IF_ERROR(reader.Finish());
  return statement;
}

absl::StatusOr<Enrolment> EnrolmentFrom(const Json& predicate) {
  PredicateReader reader(predicate, Signer::kNone);
  Enrolment statement;
  statement.common = reader.common();
  statement.authorisation = reader.fields.DigestOf("authorisation");
  statement.host = reader.fields.Hex("host", 32);
  statement.system = reader.Text("system");
  statement.spki = reader.Key("spki");
  TOM_RETURN_IF_ERROR(reader.Finish());
  return statement;
}

absl::StatusOr<Handover> HandoverFrom(const Json& predicate) {
  PredicateReader reader(predicate, Signer::kNone);
  Handover statement;
  statement.common = reader.common();
  statement.host = reader.fields.Hex("host", 32);
  statement.old_spki = reader.Key("old_spki");
  statement.new_spki = reader.Key("new_spki");
  if (statement.new_spki == statement.old_spki) reader.fields.Fail("new_spki", "the old key");
  statement.last_digest = reader.fields.DigestOf("last_digest");
  TOM_RETURN_IF_ERROR(reader.Finish());
  return statement;
}

absl::StatusOr<Approval> ApprovalFrom(const Json& predicate) {
  PredicateReader reader(predicate, Signer::kNamed);
  Approval statement;
  statement.common = reader.common();
  statement.approves = reader.fields.DigestOf("approves");
  TOM_RETURN_IF_ERROR(reader.Finish());
  return statement;
}

absl::StatusOr<Inventory> InventoryFrom(const Json& predicate) {
  PredicateReader reader(predicate, Signer::kNamed);
  Inventory statement;
  statement.common = reader.common();
  statement.source = reader.Text("source");
  statement.drawn_at = reader.fields.Time("drawn_at");
  statement.drawn_by = reader.Text("drawn_by");
  const Json* systems = reader.fields.Array("systems");
  TOM_RETURN_IF_ERROR(reader.Finish());
  if (systems != nullptr) {
    TOM_ASSIGN_OR_RETURN(statement.systems, SystemsFrom(systems->AsArray()));
  }
  return statement;
}

absl::StatusOr<Label> LabelFrom(const Json& predicate) {
  PredicateReader reader(predicate, Signer::kNamed);
  Label statement;
  statement.common = reader.common();
  statement.host = reader.fields.Hex("host", 32);
  statement.controllers = reader.Controllers();
  statement.labels = reader.Labels();
  TOM_RETURN_IF_ERROR(reader.Finish());
  return statement;
}

absl::StatusOr<ProfileStatement> ProfileStatementFrom(const Json& predicate) {
  PredicateReader reader(predicate, Signer::kNamed);
  ProfileStatement statement;
  statement.common = reader.common();
  statement.profile = reader.Text("profile");
  statement.digest = reader.fields.DigestOf("digest");
  TOM_RETURN_IF_ERROR(reader.Finish());
  return statement;
}

absl::StatusOr<CatalogueVersion> CatalogueVersionFrom(const Json& predicate) {
  PredicateReader reader(predicate, Signer::kNamed);
  CatalogueVersion statement;
  statement.common = reader.common();
  statement.version = reader.fields.Integer("version", 1);
  statement.catalogue = reader.fields.DigestOf("catalogue");
  TOM_RETURN_IF_ERROR(reader.Finish());
  return statement;
}

absl::StatusOr<CatalogueStatement> CatalogueStatementFrom(const Json& predicate) {
  PredicateReader reader(predicate, Signer::kNamed);
  CatalogueStatement statement;
  statement.common = reader.common();
  statement.version = reader.fields.Integer("version", 1);
  statement.expires = reader.fields.Time("expires");
  statement.digest = reader.fields.DigestOf("digest");
  TOM_RETURN_IF_ERROR(reader.Finish());
  return statement;
}

absl::StatusOr<Tick> TickFrom(const Json& predicate) {
  PredicateReader reader(predicate, Signer::kNone);
  Tick statement;
  statement.common = reader.common();
  statement.size = static_cast<uint64_t>(reader.fields.Integer("size", 0));
  TOM_RETURN_IF_ERROR(reader.Finish());
  return statement;
}

absl::StatusOr<InventoryBody> InventoryBodyFrom(const Json& json) {
  PredicateReader reader(json, "body");
  InventoryBody body;
  body.name = reader.Text("name");
  body.role = reader.fields.String("role");
  body.owner = reader.fields.String("owner");
  body.site = reader.fields.String("site");
  body.personal_data = reader.fields.Flag("personal_data");
  body.critical = reader.fields.Flag("critical");
  body.salt = reader.fields.Hex("salt", 32);
  TOM_RETURN_IF_ERROR(reader.Finish());
  return body;
}

}  // namespace tom
