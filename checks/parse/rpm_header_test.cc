#include "checks/parse/rpm_header.h"

#include <gtest/gtest.h>

#include <vector>

namespace tom {
namespace {

std::string Be32(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift));
  return bytes;
}

struct Tag {
  uint32_t tag, type, offset, count;
};

std::string Blob(const std::vector<Tag>& tags, const std::string& data) {
  std::string blob =
      Be32(static_cast<uint32_t>(tags.size())) + Be32(static_cast<uint32_t>(data.size()));
  for (const Tag& tag : tags)
    blob.append(Be32(tag.tag))
        .append(Be32(tag.type))
        .append(Be32(tag.offset))
        .append(Be32(tag.count));
  return blob + data;
}

// Texts as they lie in the data, each with its end.
std::string Texts(const std::vector<std::string>& texts) {
  std::string data;
  for (const std::string& text : texts) data.append(text).push_back('\0');
  return data;
}

TEST(RpmHeader, AnInstalledPackage) {
  const auto header =
      ParseRpmHeader(Blob({{63, 7, 0, 16},
                           {1000, 6, 0, 1},
                           {1001, 6, 5, 1},
                           {1002, 6, 9, 1},
                           {1022, 6, 15, 1},
                           {1008, 4, 22, 1},
                           {1003, 4, 26, 1}},
                          Texts({"bash", "5.1", "6.el9", "x86_64"}) + Be32(1700000000) + Be32(7)));
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(header->name, "bash");
  EXPECT_EQ(header->version, "5.1");
  EXPECT_EQ(header->release, "6.el9");
  EXPECT_EQ(header->arch, "x86_64");
  EXPECT_EQ(header->install_time, 1700000000);
  EXPECT_EQ(header->epoch, 7);
  EXPECT_EQ(header->size, std::nullopt);
}

TEST(RpmHeader, WhatLiesOutsideIsRefused) {
  const std::string good = Blob({{1000, 6, 0, 1}, {1001, 6, 5, 1}}, Texts({"bash", "5.1"}));
  ASSERT_TRUE(ParseRpmHeader(good).ok());
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(ParseRpmHeader(good.substr(0, size)).ok()) << size;
  const std::vector<std::vector<Tag>> bad = {
      {{1000, 6, 9, 1}, {1001, 6, 5, 1}},
      {{1000, 6, 0xffffffff, 1}, {1001, 6, 5, 1}},
      {{1000, 4, 0, 1}, {1001, 6, 5, 1}},
      {{1000, 6, 0, 0}, {1001, 6, 5, 1}},
      {{1000, 6, 0, 1}, {1001, 6, 5, 1}, {1009, 4, 6, 1}},
      {{1001, 6, 5, 1}},
  };
  for (const auto& tags : bad)
    EXPECT_FALSE(ParseRpmHeader(Blob(tags, Texts({"bash", "5.1"}))).ok()) << tags.size();
  EXPECT_FALSE(ParseRpmHeader(Be32(0xffffffff) + Be32(0xffffffff)).ok());
}

}  // namespace
}  // namespace tom
