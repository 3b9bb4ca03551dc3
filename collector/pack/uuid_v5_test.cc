#include "collector/pack/uuid_v5.h"

#include <gtest/gtest.h>

#include "collector/pack/oscal_writer.h"

namespace tom {
namespace {

// Values of Python's uuid.uuid5.
TEST(UuidV5, AgreesWithOthers) {
  EXPECT_EQ(UuidV5(kUrlNamespace, "https://example.org/"), "527dda32-a0de-5105-a042-cb475b5f7d11");
  EXPECT_EQ(UuidV5(kUrlNamespace, ""), "1b4db7eb-4057-5ddf-91e0-36dec72071f5");
}

TEST(OscalText, IsNeverEmptyAndHasNoBlankAtEitherEnd) {
  EXPECT_EQ(OscalText(""), "-");
  EXPECT_EQ(OscalText("   "), "-");
  EXPECT_EQ(OscalText("  a b "), "a b");
  EXPECT_EQ(OscalText("a\nb"), "a\\nb");
}

}  // namespace
}  // namespace tom
