#include "evidence/parameter.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

Json List(std::initializer_list<const char*> items) {
  Json::Array array;
  for (const char* item : items) array.emplace_back(item);
  return array;
}

TEST(Parameter, WhichWayLoosens) {
  struct Case {
    const char* type;
    const char* stricter;
    Json base;
    Json candidate;
    bool looser;
  };
  const Case cases[] = {
      {"duration", "lower", "26h", "1d", false},
      {"duration", "lower", "26h", "27h", true},
      {"duration", "lower", "24h", "1d", false},
      {"tls_version", "higher", "TLSv1.2", "TLSv1.3", false},
      {"tls_version", "higher", "TLSv1.2", "TLSv1.1", true},
      {"tls_version", "higher", "TLSv1.2", "SSLv3", true},
      {"integer", "higher", 8, 7, true},
      {"list", "subset", List({"a", "b"}), List({"a"}), false},
      {"list", "subset", List({"a"}), List({"a", "b"}), true},
      {"list", "superset", List({"a"}), List({}), true},
      {"list", "superset", List({"a"}), List({"a", "b"}), false},
      {"list", "declared", List({"a"}), List({"z"}), false},
  };
  for (const Case& c : cases) {
    const Parameter parameter{
        .value = c.base, .type = c.type, .stricter = c.stricter, .personal = ""};
    EXPECT_EQ(Loosens(parameter, c.base, c.candidate), c.looser)
        << c.type << " " << c.stricter << " "
        << (c.candidate.IsString() ? c.candidate.AsString() : "");
  }
}

TEST(Parameter, ValuesAreReadByTheDeclaredType) {
  const Parameter integer{.value = 1, .type = "integer", .stricter = "lower", .personal = ""};
  EXPECT_EQ(TypedValue(integer, "14").value_or("?"), Json(14));
  for (const char* bad :
       {"010", "+1", "1.0", "0x10", "", "99999999999999999999", "9007199254740993"}) {
    EXPECT_FALSE(TypedValue(integer, bad).ok()) << bad;
  }
  const Parameter list{.value = List({}), .type = "list", .stricter = "subset", .personal = ""};
  EXPECT_EQ(TypedValue(list, List({"b", "a", "b"})).value_or("?"), List({"a", "b"}));
  EXPECT_EQ(TypedValue(list, "a").value_or("?"), List({"a"}));
  const Parameter duration{.value = "1d", .type = "duration", .stricter = "lower", .personal = ""};
  EXPECT_FALSE(TypedValue(duration, "26").ok());
}

}  // namespace
}  // namespace tom
