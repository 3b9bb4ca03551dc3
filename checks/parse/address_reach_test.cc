#include "checks/parse/address_reach.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <array>

namespace tom {
namespace {

std::string Bytes(const std::string& text) {
  std::array<char, 16> bytes;
  const bool six = text.find(':') != std::string::npos;
  if (inet_pton(six ? AF_INET6 : AF_INET, text.c_str(), bytes.data()) != 1) return "";
  return std::string(bytes.data(), six ? 16 : 4);
}

TEST(AddressReach, FollowsTheRegistries) {
  const std::pair<const char*, const char*> cases[] = {
      {"0.0.0.0", "any"},
      {"::", "any"},
      {"127.0.0.1", "loopback"},
      {"127.255.255.254", "loopback"},
      {"::1", "loopback"},
      {"::2", "public"},
      {"128.0.0.1", "public"},
      {"169.254.1.1", "link_local"},
      {"169.253.1.1", "public"},
      {"fe80::1", "link_local"},
      {"febf::1", "link_local"},
      {"fec0::1", "public"},
      {"10.1.2.3", "private"},
      {"172.16.0.1", "private"},
      {"172.31.255.1", "private"},
      {"172.32.0.1", "public"},
      {"192.168.0.1", "private"},
      {"192.169.0.1", "public"},
      {"100.64.0.1", "private"},
      {"100.128.0.1", "public"},
      {"fd00::1", "private"},
      {"fc00::1", "private"},
      {"224.0.0.251", "multicast"},
      {"ff02::1", "multicast"},
      {"203.0.113.9", "public"},
      {"2001:db8::1", "public"},
      {"::ffff:127.0.0.1", "loopback"},
      {"::ffff:0.0.0.0", "any"},
      {"::ffff:10.0.0.1", "private"},
      {"::ffff:203.0.113.9", "public"},
  };
  for (const auto& [text, reach] : cases) {
    ASSERT_FALSE(Bytes(text).empty()) << text;
    EXPECT_EQ(AddressReachName(ReachOf(Bytes(text))), reach) << text;
    EXPECT_EQ(AddressText(Bytes(text)), text);
  }
}

TEST(AddressReach, TextReadsBackAsTheSameBytes) {
  uint32_t random = 12345;  // a fixed sequence, with many zeros
  for (int i = 0; i < 20000; ++i) {
    std::string bytes(i % 4 == 0 ? 4 : 16, '\0');
    for (char& byte : bytes) {
      random = random * 1664525 + 1013904223;
      if ((random >> 28) < 6) byte = static_cast<char>(random >> 16);
    }
    const std::string text = AddressText(bytes);
    ASSERT_EQ(Bytes(text), bytes) << text;
    EXPECT_LE(text.size(), 39u) << text;
  }
}

TEST(AddressReach, TextIsTheShortestForm) {
  for (const char* text :
       {"::", "::1", "1::", "1:0:2::", "2001:db8::1:0:0:1", "1:2:3:4:5:6:7:8", "1:0:3:4:5:6:7:8",
        "0:0:1::", "::1:0:0:0:0", "fe80::a00:27ff:fe4e:66a1"}) {
    EXPECT_EQ(AddressText(Bytes(text)).size() <= std::string(text).size(), true) << text;
    EXPECT_EQ(Bytes(AddressText(Bytes(text))), Bytes(text)) << text;
  }
  EXPECT_EQ(AddressText(Bytes("2001:db8:0:0:1:0:0:1")), "2001:db8::1:0:0:1");
  EXPECT_EQ(AddressText(Bytes("1:0:3:4:5:6:7:8")), "1:0:3:4:5:6:7:8");
}

TEST(AddressReach, AnotherSizeIsLetOffNothing) {
  for (const size_t size : {0u, 1u, 3u, 5u, 15u, 17u}) {
    EXPECT_EQ(ReachOf(std::string(size, '\0')), AddressReach::kPublic) << size;
    EXPECT_EQ(AddressText(std::string(size, '\0')), "") << size;
  }
}

}  // namespace
}  // namespace tom
