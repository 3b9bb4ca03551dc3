// For tests: ZIP files of any shape, whole in memory.
#ifndef TOM_EVIDENCE_TEST_ZIP_H_
#define TOM_EVIDENCE_TEST_ZIP_H_

#include <zlib.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "evidence/zip_layout.h"

namespace tom {

using TestFiles = std::vector<std::pair<std::string, std::string>>;

inline uint32_t TestCrc(const std::string& bytes) {
  return static_cast<uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

// A well-formed container of `files` in that order.
inline std::string TestZip(const TestFiles& files) {
  std::string out;
  std::string directory;
  for (const auto& [name, bytes] : files) {
    const auto size = static_cast<uint32_t>(bytes.size());
    directory += zip::CentralHeader(name, TestCrc(bytes), size, static_cast<uint32_t>(out.size()));
    out += zip::LocalHeader(name, TestCrc(bytes), size) + bytes;
  }
  const auto offset = static_cast<uint32_t>(out.size());
  return out + directory +
         zip::EndRecord(static_cast<uint16_t>(files.size()),
                        static_cast<uint32_t>(directory.size()), offset);
}

inline void WriteTestFile(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

}  // namespace tom

#endif  // TOM_EVIDENCE_TEST_ZIP_H_
