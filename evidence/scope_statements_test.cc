#include "evidence/scope_statements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "evidence/statement.h"

namespace tom {
namespace {

using testing::HasSubstr;

StatementCommon Signed() {
  return {"ledger.example.org/tom", Sha256("signer"), std::string(32, 'a')};
}
StatementCommon Unsigned() {
  return {"ledger.example.org/tom", std::nullopt, std::string(32, 'a')};
}

EnrolmentAuthorisation GoodAuthorisation() {
  return {Signed(), Sha256("token"), "web-*", {"c-1", "c-2"}, {{"site", "north"}}, "host",
          3,        1800000000};
}

Inventory GoodInventory() {
  const InventorySystem first = {"a", "host", {"shared"}, 1000, 2000, Sha256("a")};
  const InventorySystem second = {"b", "connector", {"c-1"}, 1000, std::nullopt, Sha256("b")};
  return {Signed(), "cmdb export", 1700000000, "R. Example", {first, second}};
}

// A kind of statement without its C++ type: a good predicate, and its reader followed by its
// writer.
struct Form {
  std::string name;
  Json good;
  std::function<absl::StatusOr<Json>(const Json&)> read_and_write;
  bool has_signer;
};

template <typename T>
Form FormOf(const char* name, const T& good, absl::StatusOr<T> (*read)(const Json&)) {
  const auto read_and_write = [read](const Json& json) -> absl::StatusOr<Json> {
    const auto statement = read(json);
    if (!statement.ok()) return statement.status();
    return ToPredicate(*statement);
  };
  return {name, ToPredicate(good), read_and_write, good.common.signer.has_value()};
}

std::vector<Form> AllForms() {
  const std::string host(32, 'b');
  return {
      FormOf("authorisation", GoodAuthorisation(), EnrolmentAuthorisationFrom),
      FormOf("enrolment", Enrolment{Unsigned(), Sha256("auth"), host, "web-1", "\x30\x59"},
             EnrolmentFrom),
      FormOf("handover", Handover{Unsigned(), host, "\x30\x01", "\x30\x02", Sha256("last")},
             HandoverFrom),
      FormOf("approval", Approval{Signed(), Sha256("approved")}, ApprovalFrom),
      FormOf("inventory", GoodInventory(), InventoryFrom),
      FormOf("label", Label{Signed(), host, {"shared"}, {{"a", "b"}}}, LabelFrom),
      FormOf("profile", ProfileStatement{Signed(), "velory-dpa", Sha256("p")},
             ProfileStatementFrom),
      FormOf("catalogue-version", CatalogueVersion{Signed(), 2, Sha256("c")}, CatalogueVersionFrom),
      FormOf("catalogue", CatalogueStatement{Signed(), 2, 1800000000, Sha256("c")},
             CatalogueStatementFrom),
      FormOf("tick", Tick{Unsigned(), 17}, TickFrom),
  };
}

std::string ErrorOf(const Form& form, const Json& json) {
  return std::string(form.read_and_write(json).status().message());
}

TEST(ScopeStatementsTest, WhatIsWrittenIsReadBack) {
  for (const Form& form : AllForms()) {
    const auto back = form.read_and_write(form.good);
    ASSERT_TRUE(back.ok()) << form.name << back.status();
    EXPECT_EQ(Canonical(*back), Canonical(form.good)) << form.name;
  }
}

TEST(ScopeStatementsTest, EveryMemberButTheOptionalOnesIsNeeded) {
  for (const Form& form : AllForms()) {
    for (const auto& [key, value] : form.good.AsObject()) {
      Json json = form.good;
      json.AsObject().erase(key);
      const std::string error = ErrorOf(form, json);
      // "systems" is a glob in an authorisation and a list, absent when empty, in an inventory.
      const bool may_go = key == "labels" || (key == "systems" && value.IsArray());
      if (may_go) {
        EXPECT_EQ(error, "") << form.name << "." << key;
      } else {
        EXPECT_EQ(error, "predicate." + key + ": missing") << form.name;
      }
    }
  }
}

TEST(ScopeStatementsTest, EveryMemberOfAnotherTypeIsRefused) {
  for (const Form& form : AllForms()) {
    for (const auto& [key, value] : form.good.AsObject()) {
      for (const Json& other : {Json(""), Json(-1), Json(Json::Array{1}),
                                Json(Json::Object{{"x", 1}}), Json(std::string(5000, 'a'))}) {
        Json json = form.good;
        json.AsObject()[key] = other;
        EXPECT_THAT(ErrorOf(form, json), HasSubstr("predicate." + key))
            << form.name << " " << Canonical(other).substr(0, 40);
      }
    }
  }
}

TEST(ScopeStatementsTest, UnknownMembersAndOtherValuesAreRefused) {
  for (const Form& form : AllForms()) {
    Json json = form.good;
    json.AsObject()["note"] = "x";
    EXPECT_EQ(ErrorOf(form, json), "predicate.note: unknown field") << form.name;
    EXPECT_NE(ErrorOf(form, Json("text")), "") << form.name;
    EXPECT_NE(ErrorOf(form, Json::Object{}), "") << form.name;
  }
}

TEST(ScopeStatementsTest, ASignerStandsExactlyWhereACertificateSigns) {
  for (const Form& form : AllForms()) {
    Json json = form.good;
    if (form.has_signer) {
      json.AsObject().erase("signer");
      EXPECT_EQ(ErrorOf(form, json), "predicate.signer: missing") << form.name;
    } else {
      json.AsObject()["signer"] = Sha256("s").Hex();
      EXPECT_EQ(ErrorOf(form, json), "predicate.signer: unknown field") << form.name;
    }
  }
}

struct Lie {
  std::string form;
  std::function<void(Json::Object&)> spoil;
  std::string error;
};

Json::Object& System(Json::Object& inventory, size_t index) {
  return inventory["systems"].AsArray()[index].AsObject();
}

TEST(ScopeStatementsTest, RefusesValuesOutOfTheTable) {
  const std::vector<Lie> lies = {
      {"authorisation", [](auto& o) { o["kind"] = "robot"; }, "predicate.kind: expected host"},
      {"authorisation", [](auto& o) { o["uses"] = 0; }, "predicate.uses: out of range"},
      {"authorisation", [](auto& o) { o["expires"] = "never"; }, "predicate.expires"},
      {"authorisation", [](auto& o) { o["labels"] = Json::Object{}; }, "predicate.labels: empty"},
      {"authorisation",
       [](auto& o) {
         o["controllers"] = Json::Array{"b", "a"};
       },
       "predicate.controllers: not in ascending order"},
      {"label",
       [](auto& o) {
         o["controllers"] = Json::Array{"c", "shared"};
       },
       "predicate.controllers: shared stands alone"},
      {"label", [](auto& o) { o["controllers"] = Json::Array{""}; },
       "predicate.controllers: an empty"},
      {"enrolment", [](auto& o) { o["spki"] = "MFk"; }, "predicate.spki"},
      {"handover", [](auto& o) { o["new_spki"] = o["old_spki"]; },
       "predicate.new_spki: the old key"},
      {"catalogue", [](auto& o) { o["version"] = 0; }, "predicate.version: out of range"},
      {"catalogue-version", [](auto& o) { o["version"] = "2"; }, "predicate.version"},
      {"inventory", [](auto& o) { System(o, 1)["id"] = "a"; }, "systems[1].id: not in ascending"},
      {"inventory", [](auto& o) { System(o, 0)["id"] = "c"; }, "systems[1].id: not in ascending"},
      {"inventory", [](auto& o) { System(o, 0)["id"] = ""; }, "predicate.systems[0].id: empty"},
      {"inventory", [](auto& o) { System(o, 0)["name"] = "x"; }, "systems[0].name: unknown field"},
      {"inventory", [](auto& o) { System(o, 1).erase("body"); }, "systems[1].body: missing"},
      {"inventory", [](auto& o) { System(o, 0)["in_service_to"] = "1970-01-01T00:00:00Z"; },
       "systems[0].in_service_to: before in_service_from"},
      {"inventory", [](auto& o) { o["systems"].AsArray()[0] = "web-1"; },
       "systems[0]: expected an object"},
  };
  const std::vector<Form> forms = AllForms();
  for (const Lie& lie : lies) {
    for (const Form& form : forms) {
      if (form.name != lie.form) continue;
      Json json = form.good;
      lie.spoil(json.AsObject());
      EXPECT_THAT(ErrorOf(form, json), HasSubstr(lie.error)) << form.name;
    }
  }
}

TEST(ScopeStatementsTest, AnInventoryWithoutSystemsIsReadAsOne) {
  Inventory inventory = GoodInventory();
  inventory.systems.clear();
  const auto read = InventoryFrom(ToPredicate(inventory));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->systems.empty());
  Json json = ToPredicate(inventory);
  json.AsObject()["systems"] = Json::Array{};
  EXPECT_FALSE(EncodeCanonical(json).ok());
}

TEST(ScopeStatementsTest, TheValuesSurvive) {
  const auto authorisation = EnrolmentAuthorisationFrom(ToPredicate(GoodAuthorisation()));
  ASSERT_TRUE(authorisation.ok());
  EXPECT_EQ(authorisation->systems, "web-*");
  EXPECT_EQ(authorisation->uses, 3);
  EXPECT_EQ(authorisation->expires, 1800000000);
  EXPECT_EQ(authorisation->labels.at("site"), "north");
  EXPECT_EQ(authorisation->controllers, (std::vector<std::string>{"c-1", "c-2"}));
  EXPECT_EQ(*authorisation->common.signer, Sha256("signer"));
  const auto inventory = InventoryFrom(ToPredicate(GoodInventory()));
  ASSERT_TRUE(inventory.ok());
  ASSERT_EQ(inventory->systems.size(), 2U);
  EXPECT_EQ(*inventory->systems[0].in_service_to, 2000);
  EXPECT_FALSE(inventory->systems[1].in_service_to.has_value());
}

TEST(ScopeStatementsTest, AStatementOfEachKindIsReadThroughItsEnvelope) {
  const std::string payload = EncodeKindStatement(Kind::kInventory, ToPredicate(GoodInventory()));
  const auto statement = ParseKindStatement(payload);
  ASSERT_TRUE(statement.ok()) << statement.status();
  EXPECT_TRUE(InventoryFrom(statement->predicate).ok());
  EXPECT_FALSE(LabelFrom(statement->predicate).ok());
}

TEST(InventoryBodyTest, StrictBothWays) {
  const InventoryBody body = {"web-1", "web", "", "north", true, false, std::string(32, '0')};
  const Json json = InventoryBodyToJson(body);
  const auto read = InventoryBodyFrom(json);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(InventoryBodyToJson(*read), json);
  EXPECT_TRUE(read->personal_data);
  EXPECT_FALSE(read->critical);
  for (const auto& [key, value] : json.AsObject()) {
    Json less = json;
    less.AsObject().erase(key);
    EXPECT_EQ(InventoryBodyFrom(less).status().message(), ("body." + key + ": missing").c_str());
  }
  Json other = json;
  other.AsObject()["critical"] = 2;
  EXPECT_FALSE(InventoryBodyFrom(other).ok());
  other = json;
  other.AsObject()["phone"] = "1";
  EXPECT_FALSE(InventoryBodyFrom(other).ok());
}

}  // namespace
}  // namespace tom
