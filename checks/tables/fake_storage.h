// Storage for tests: mounts, swap, sysfs and device nodes with LUKS headers, in a FakeEnv.
#ifndef TOM_CHECKS_TABLES_FAKE_STORAGE_H_
#define TOM_CHECKS_TABLES_FAKE_STORAGE_H_

#include <sys/sysmacros.h>

#include <string>
#include <vector>

#include "checks/env/fake_env.h"
#include "evidence/digest.h"

namespace tom {

inline constexpr char kFakeUuid[] = "01234567-89ab-cdef-0123-456789abcdef";
inline constexpr char kFakeUuidDigits[] = "0123456789abcdef0123456789abcdef";

inline void PutBigEndian(std::string& bytes, size_t at, uint64_t value, size_t size) {
  for (size_t i = size; i-- > 0; value >>= 8) bytes[at + i] = static_cast<char>(value & 0xff);
}

inline std::string Luks1Image(const std::string& cipher, const std::string& mode, int key_bytes) {
  std::string image(4096, '\0');
  image.replace(0, 6, "LUKS\xba\xbe", 6);
  PutBigEndian(image, 6, 1, 2);
  image.replace(8, cipher.size(), cipher);
  image.replace(40, mode.size(), mode);
  PutBigEndian(image, 108, static_cast<uint64_t>(key_bytes), 4);
  image.replace(168, 36, kFakeUuid);
  image.replace(72, 6, "sha256");
  for (size_t slot = 0; slot < 8; ++slot) {
    PutBigEndian(image, 208 + slot * 48, slot == 0 ? 0x00AC71F3 : 0x0000DEAD, 4);
  }
  PutBigEndian(image, 212, 1000000, 4);
  return image;
}

inline std::string Luks2Image(const std::string& encryption, int key_bytes) {
  constexpr size_t kCopy = 16384;
  const std::string json =
      R"({"keyslots":{"0":{"type":"luks2","key_size":)" + std::to_string(key_bytes) +
      R"(}},"tokens":{},"segments":{"0":{"type":"crypt","offset":"16777216","size":"dynamic",)"
      R"("iv_tweak":"0","encryption":")" +
      encryption +
      R"(","sector_size":512}},"digests":{"0":{"type":"pbkdf2","keyslots":["0"],)"
      R"("segments":["0"]}},"config":{"json_size":"12288","keyslots_size":"16744448"}})";
  std::string image;
  for (const bool second : {false, true}) {
    std::string copy(kCopy, '\0');
    copy.replace(0, 6, second ? "SKUL\xba\xbe" : "LUKS\xba\xbe", 6);
    PutBigEndian(copy, 6, 2, 2);
    PutBigEndian(copy, 8, kCopy, 8);
    copy.replace(72, 6, "sha256");
    copy.replace(168, 36, kFakeUuid);
    PutBigEndian(copy, 256, second ? kCopy : 0, 8);
    copy.replace(4096, json.size(), json);
    copy.replace(448, 32, Sha256(copy).Raw());
    image += copy;
  }
  return image;
}

class FakeStorage {
 public:
  explicit FakeStorage(FakeEnv& env) : env_(env) {
    env_.AddDirectory("/sys/dev/block");
    Publish();
  }

  FakeStorage& Mount(const std::string& number, const std::string& point, const std::string& type,
                     const std::string& source, const std::string& super = "rw",
                     const std::string& root = "/") {
    mounts_ += std::to_string(++id_) + " 1 " + number + " " + root + " " + point + " rw - " + type +
               " " + source + " " + super + "\n";
    return Publish();
  }

  FakeStorage& Swap(const std::string& path, const std::string& type = "partition") {
    swaps_ += path + " " + type + " 1000 0 -2\n";
    return Publish();
  }

  // A disk with hardware behind it; `number` "8:0".
  FakeStorage& Disk(const std::string& name, const std::string& number,
                    const std::string& content = "plain") {
    return Device("/sys/devices/pci0000:00/block/" + name, name, number, content);
  }

  FakeStorage& Partition(const std::string& disk, const std::string& name,
                         const std::string& number, const std::string& content = "plain") {
    const std::string sys = "/sys/devices/pci0000:00/block/" + disk + "/" + name;
    Device(sys, name, number, content);
    env_.AddFile(sys + "/partition", "1\n");
    return *this;
  }

  // A device made of others, by their names: md, dm, loop, zram.
  FakeStorage& Virtual(const std::string& name, const std::string& number,
                       const std::vector<std::string>& slaves = {},
                       const std::string& content = "plain") {
    const std::string sys = "/sys/devices/virtual/block/" + name;
    Device(sys, name, number, content);
    for (const std::string& slave : slaves) {
      env_.AddLink(sys + "/slaves/" + slave, "/sys/class/block/" + slave);
    }
    return *this;
  }

  FakeStorage& Mapping(const std::string& name, const std::string& number, const std::string& uuid,
                       const std::vector<std::string>& slaves,
                       const std::string& content = "plain") {
    Virtual(name, number, slaves, content);
    const std::string sys = "/sys/devices/virtual/block/" + name;
    env_.AddFile(sys + "/dm/uuid", uuid + "\n");
    env_.AddFile(sys + "/dm/name", "map-" + name + "\n");
    env_.AddFile(sys + "/dm/suspended", "0\n");
    return *this;
  }

  FakeStorage& Luks2(const std::string& name, const std::string& number, const std::string& slave) {
    return Mapping(name, number, std::string("CRYPT-LUKS2-") + kFakeUuidDigits + "-" + name,
                   {slave});
  }

  FakeStorage& Luks1(const std::string& name, const std::string& number, const std::string& slave) {
    return Mapping(name, number, std::string("CRYPT-LUKS1-") + kFakeUuidDigits + "-" + name,
                   {slave});
  }

  FakeStorage& Loop(const std::string& name, const std::string& number, const std::string& file) {
    Virtual(name, number);
    env_.AddFile("/sys/devices/virtual/block/" + name + "/loop/backing_file", file + "\n");
    return *this;
  }

  FakeStorage& Attribute(const std::string& name, const std::string& file,
                         const std::string& text) {
    env_.AddFile("/sys/devices/virtual/block/" + name + "/" + file, text);
    return *this;
  }

 private:
  FakeStorage& Device(const std::string& sys, const std::string& name, const std::string& number,
                      const std::string& content) {
    const size_t colon = number.find(':');
    const auto major = static_cast<unsigned>(std::stoul(number.substr(0, colon)));
    const auto minor = static_cast<unsigned>(std::stoul(number.substr(colon + 1)));
    env_.AddFile(sys + "/dev", number + "\n");
    env_.AddFile(sys + "/uevent", "MAJOR=0\nDEVNAME=" + name + "\nDEVTYPE=disk\n");
    env_.AddDirectory(sys + "/slaves");
    env_.AddLink("/sys/dev/block/" + number, "../../" + sys.substr(5));
    env_.AddLink("/sys/class/block/" + name, sys);
    if (env_.mode() == RootMode::kDeadTree) {
      env_.AddFile("/dev/" + name, content);
    } else {
      env_.AddBlockDevice("/dev/" + name, gnu_dev_makedev(major, minor), content);
    }
    return *this;
  }

  FakeStorage& Publish() {
    env_.AddFile("/proc/1/mountinfo", mounts_);
    env_.AddFile("/proc/swaps", "Filename Type Size Used Priority\n" + swaps_);
    return *this;
  }

  FakeEnv& env_;
  int id_ = 20;
  std::string mounts_;
  std::string swaps_;
};

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_FAKE_STORAGE_H_
