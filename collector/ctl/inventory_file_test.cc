#include "collector/ctl/inventory_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tom {
namespace {

using ::testing::HasSubstr;

const InventoryDefaults kDefaults{"cmdb", "operator", 1'767'225'600};  // 2026-01-01

std::string ErrorOf(const absl::StatusOr<InventoryFile>& file) {
  return file.ok() ? "OK" : std::string(file.status().message());
}

InventoryBody BodyOf(const InventoryFile& file, const Digest& digest) {
  for (const std::string& bytes : file.bodies) {
    if (Sha256(bytes) == digest) return InventoryBodyFrom(ParseCanonical(bytes).value()).value();
  }
  ADD_FAILURE() << "no body " << digest.Hex();
  return {};
}

TEST(InventoryFile, ReadsYaml) {
  const auto file = ParseInventoryYaml(
      "source: cmdb export\ndrawn_by: ops\ndrawn_at: 2026-02-01\nsystems:\n"
      "- {id: web-2, name: Web, role: shop, owner: Ada, site: north, personal_data: false,\n"
      "   controllers: [b, a], in_service_from: 2025-12-01, in_service_to: 2026-12-01T06:00:00Z}\n"
      "- {id: db-1, kind: connector}\n",
      "i.yaml", kDefaults);
  ASSERT_TRUE(file.ok()) << file.status();
  const Inventory& inventory = file->inventory;
  EXPECT_EQ(inventory.source, "cmdb export");
  EXPECT_EQ(FormatUtc(inventory.drawn_at), "2026-02-01T00:00:00Z");
  ASSERT_EQ(inventory.systems.size(), 2u);
  EXPECT_EQ(inventory.systems[0].id, "db-1");
  EXPECT_EQ(inventory.systems[0].kind, "connector");
  EXPECT_EQ(inventory.systems[0].in_service_from, inventory.drawn_at);
  EXPECT_EQ(inventory.systems[0].controllers, std::vector<std::string>{"shared"});
  const InventoryBody db = BodyOf(*file, inventory.systems[0].body);
  EXPECT_TRUE(db.personal_data && db.critical) << "what is not said counts as the stricter";
  EXPECT_EQ(inventory.systems[1].controllers, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(FormatUtc(*inventory.systems[1].in_service_to), "2026-12-01T06:00:00Z");
  const InventoryBody web = BodyOf(*file, inventory.systems[1].body);
  EXPECT_EQ(web.owner, "Ada");
  EXPECT_FALSE(web.personal_data);
}

TEST(InventoryFile, ReadsCsv) {
  const auto file = ParseInventoryCsv(
      "id,name,controllers,critical\r\n"
      "b,\"Big, \"\"old\"\" one\",x y,false\r\n\r\na,,,\r\n",
      "i.csv", kDefaults);
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_EQ(file->inventory.systems.size(), 2u);
  EXPECT_EQ(file->inventory.systems[1].controllers, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(BodyOf(*file, file->inventory.systems[1].body).name, "Big, \"old\" one");
  EXPECT_FALSE(BodyOf(*file, file->inventory.systems[1].body).critical);
  EXPECT_EQ(BodyOf(*file, file->inventory.systems[0].body).name, "a");
}

TEST(InventoryFile, EqualSystemsHaveUnlikeBodies) {
  const char kText[] = "systems: [{id: a}]";
  const auto one = ParseInventoryYaml(kText, "i.yaml", kDefaults);
  const auto two = ParseInventoryYaml(kText, "i.yaml", kDefaults);
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_NE(one->bodies, two->bodies) << "a digest must not tell which names were guessed right";
}

TEST(InventoryFile, ErrorsSayWhere) {
  const struct {
    const char* yaml;
    const char* message;
  } cases[] = {
      {"systems: []", "no system"},
      {"systems:\n- {id: a}\n- {id: a}", "systems[1].id: a stands on line 2 already"},
      {"systems:\n- {id: a, critcal: true}", "i.yaml:2:"},
      {"systems:\n- {id: a, critical: maybe}", "critical"},
      {"systems:\n- {name: a}", "systems[0].id"},
      {"systems:\n- {id: a, kind: toaster}", "kind"},
      {"systems:\n- {id: a, in_service_from: yesterday}", "in_service_from"},
      {"systems:\n- {id: a, in_service_from: 2026-02-30}", "in_service_from"},
      {"systems:\n- {id: a, controllers: a}", "controllers"},
      {"systems:\n- {id: a}\nowner: x", "owner"},
      {"systems: &a [*a]", "i.yaml:1"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(ErrorOf(ParseInventoryYaml(c.yaml, "i.yaml", kDefaults)), HasSubstr(c.message))
        << c.yaml;
  }
  const struct {
    std::string csv;
    const char* message;
  } tables[] = {
      {"id,name\na", "i.csv:2: 1 fields"},
      {"id,name\na,b,c", "i.csv:2: 3 fields"},
      {"id,nmae\na,b", "nmae"},
      {"id\n\"a", "quote"},
      {"id,name\na,b\nc,\xff\n", "i.csv:3: field 2 is not UTF-8"},
      {std::string("id,name\na\0,b\n", 13), "i.csv:2: field 1 is not UTF-8, or has a NUL"},
      {"", "no system"},
  };
  for (const auto& c : tables) {
    EXPECT_THAT(ErrorOf(ParseInventoryCsv(c.csv, "i.csv", kDefaults)), HasSubstr(c.message))
        << c.csv;
  }
}

}  // namespace
}  // namespace tom
