#include "evidence/time_set.h"

#include <gtest/gtest.h>

#include <bitset>
#include <random>

namespace tom {
namespace {

constexpr int kRange = 64;
using Bits = std::bitset<kRange>;

Bits BitsOf(const TimeSet& set) {
  Bits bits;
  for (int i = 0; i < kRange; ++i) bits[static_cast<size_t>(i)] = set.Contains(i);
  return bits;
}

TimeSet RandomSet(std::mt19937& random, Bits& bits) {
  TimeSet set;
  for (unsigned n = random() % 8; n > 0; --n) {
    const UnixSeconds from = random() % kRange;
    const UnixSeconds to = from + random() % 12;
    set.Add({from, to});
    for (UnixSeconds i = from; i < std::min<UnixSeconds>(to, kRange); ++i) {
      bits.set(static_cast<size_t>(i));
    }
  }
  return set;
}

// Against the plainest model there is: a bit for each second.
TEST(TimeSet, IsASetOfSeconds) {
  std::mt19937 random(7);
  for (int round = 0; round < 5000; ++round) {
    Bits a_bits;
    Bits b_bits;
    const TimeSet a = RandomSet(random, a_bits);
    const TimeSet b = RandomSet(random, b_bits);
    ASSERT_EQ(BitsOf(a), a_bits) << round;
    ASSERT_EQ(BitsOf(a.Union(b)), a_bits | b_bits) << round;
    ASSERT_EQ(BitsOf(a.Intersect(b)), a_bits & b_bits) << round;
    ASSERT_EQ(BitsOf(a.Subtract(b)), a_bits & ~b_bits) << round;
    for (size_t i = 1; i < a.spans().size(); ++i) {
      ASSERT_LT(a.spans()[i - 1].to, a.spans()[i].from) << "disjoint, not touching: " << round;
    }
  }
}

TEST(TimeSet, IsHalfOpenAndKnowsForever) {
  TimeSet set({10, kForever});
  EXPECT_FALSE(set.Contains(9));
  EXPECT_TRUE(set.Contains(10));
  EXPECT_TRUE(set.Contains(kForever - 1));
  EXPECT_EQ(set.Intersect(TimeSet({0, 12})).Seconds(), 2);
  EXPECT_TRUE(TimeSet({5, 5}).Empty());
  EXPECT_TRUE(TimeSet({5, 4}).Empty());
}

}  // namespace
}  // namespace tom
