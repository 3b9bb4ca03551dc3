#include "collector/pack/uuid_v5.h"

#include <openssl/evp.h>

#include <array>
#include <cstdlib>

#include "evidence/digest.h"

namespace tom {
namespace {

std::string RawUuid(std::string_view text) {
  std::string hex;
  for (const char c : text) {
    if (c != '-') hex.push_back(c);
  }
  const auto raw = HexDecode(hex);
  if (!raw.ok() || raw->size() != 16) std::abort();  // only our own constants and results come here
  return *raw;
}

}  // namespace

std::string UuidV5(std::string_view space, std::string_view name) {
  const std::string input = RawUuid(space) + std::string(name);
  std::array<unsigned char, EVP_MAX_MD_SIZE> sha{};
  unsigned int length = 0;
  if (EVP_Digest(input.data(), input.size(), sha.data(), &length, EVP_sha1(), nullptr) != 1) {
    std::abort();
  }
  sha[6] = static_cast<unsigned char>((sha[6] & 0x0f) | 0x50);
  sha[8] = static_cast<unsigned char>((sha[8] & 0x3f) | 0x80);
  const std::string hex = HexEncode({reinterpret_cast<const char*>(sha.data()), 16});
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20);
}

}  // namespace tom
