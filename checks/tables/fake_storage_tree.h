// Builds the dead trees that tests/data/storage describes (its README has the language). For tests.
#ifndef TOM_CHECKS_TABLES_FAKE_STORAGE_TREE_H_
#define TOM_CHECKS_TABLES_FAKE_STORAGE_TREE_H_

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "checks/engine/declared.h"
#include "evidence/digest.h"

namespace tom {

// A LUKS image that cryptsetup makes, and what it cannot make or would not leave behind.
class LuksImage {
 public:
  // 32 digits, as they stand in the name of a mapping.
  static std::string UuidDigits(const std::string& name) {
    return Sha256(name).Hex().substr(0, 32);
  }

  // `content` is "luks2:aes-xts-plain64:512"; `options` are "damage=…", "pbkdf=argon2id".
  static void Make(const std::filesystem::path& file, const std::string& content,
                   const std::vector<std::string>& options, const std::string& name) {
    LuksImage image(file, content.substr(0, 5));
    const size_t bits_at = content.rfind(':');
    const std::string cipher = content.substr(6, bits_at - 6);
    // Without a device mapper cryptsetup formats AES alone.
    const bool own = cipher.compare(0, 4, "aes-") != 0;
    std::string pbkdf = " --pbkdf-force-iterations 1000";
    if (image.type_ == "luks2") pbkdf += " --pbkdf pbkdf2";
    for (const std::string& option : options) {
      if (option == "pbkdf=argon2id")
        pbkdf = " --pbkdf argon2id --pbkdf-force-iterations 4 --pbkdf-memory 65536";
    }
    image.Format((own ? "aes-xts-plain64" : cipher) + " -s " + content.substr(bits_at + 1) + pbkdf,
                 name);
    if (own) image.SetCipher(cipher);
    for (const std::string& option : options) {
      if (option.compare(0, 7, "damage=") == 0) image.Damage(option.substr(7));
    }
    image.Store();
  }

 private:
  static constexpr size_t kCopy = 16384;
  static constexpr size_t kBinary = 4096;

  LuksImage(std::filesystem::path file, std::string type)
      : file_(std::move(file)), type_(std::move(type)) {}

  void Format(const std::string& options, const std::string& name) {
    std::string uuid = UuidDigits(name);
    for (const size_t dash : {20, 16, 12, 8}) uuid.insert(dash, "-");
    const std::string command = "truncate -s 20M '" + file_.string() +
                                "' && printf secret | cryptsetup -q luksFormat --type " + type_ +
                                " --uuid " + uuid + " -c " + options + " '" + file_.string() +
                                "' -";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("cannot run " + command);
    std::ifstream in(file_, std::ios::binary);
    std::stringstream bytes;
    bytes << in.rdbuf();
    bytes_ = bytes.str();
  }

  void SetCipher(const std::string& cipher) {
    if (type_ == "luks1") {
      const size_t dash = cipher.find('-');
      Put(8, cipher.substr(0, dash), 32);
      Put(40, cipher.substr(dash + 1), 32);
      return;
    }
    const std::string segments = "\"segments\":";
    const std::string from = "\"encryption\":\"aes-xts-plain64\"";
    for (const size_t at : {size_t{0}, kCopy}) {
      std::string json = bytes_.substr(at + kBinary, kCopy - kBinary);
      json.resize(json.find('\0'));
      const size_t place = json.find(from, json.find(segments));
      if (place == std::string::npos) throw std::runtime_error("no segment in " + json);
      json.replace(place, from.size(), "\"encryption\":\"" + cipher + "\"");
      Put(at + kBinary, json, kCopy - kBinary);
      Seal(at);
    }
  }

  void Damage(const std::string& what) {
    if (what == "primary" || what == "both") bytes_[5000] ^= 1;
    if (what == "secondary" || what == "both") bytes_[kCopy + 5000] ^= 1;
    if (what == "magic") Put(0, "", 512);
    if (what == "huge") bytes_[9] = 1;
    if (what == "older-primary") {
      bytes_[kCopy + 23] = 99;
      Seal(kCopy);
    }
    if (what == "differ") {
      bytes_[kCopy + kBinary + 11000] = 1;
      Seal(kCopy);
    }
  }

  // `text` and NULs behind it, `size` bytes together.
  void Put(size_t at, std::string text, size_t size) {
    text.resize(size, '\0');
    bytes_.replace(at, size, text);
  }

  void Seal(size_t at) {
    Put(at + 448, "", 64);
    bytes_.replace(at + 448, 32, Sha256(bytes_.substr(at, kCopy)).Raw());
  }

  // Headers alone: 64 KiB hold both copies, and the probes beyond them find the file's end.
  void Store() {
    std::ofstream(file_, std::ios::binary | std::ios::trunc) << bytes_.substr(0, size_t{256} << 10);
  }

  std::filesystem::path file_;
  std::string type_;
  std::string bytes_;
};

class StorageTree {
 public:
  // `root` exists and is empty.
  explicit StorageTree(std::filesystem::path root) : root_(std::move(root)) {
    std::filesystem::create_directories(root_ / "sys/dev/block");
    std::filesystem::create_directories(root_ / "sys/class/block");
    std::filesystem::create_directories(root_ / "dev");
  }

  // All of a layout. Throws std::runtime_error at a line that says nothing known.
  void Build(std::istream& layout) {
    for (std::string line; std::getline(layout, line);) {
      Words words;
      std::istringstream text(line);
      for (std::string word; text >> word;) words.push_back(word);
      if (words.empty()) continue;
      if (!DeviceLine(words) && !KernelLine(words, line) && !FileLine(words, line)) {
        throw std::runtime_error("not a line of a layout: " + line);
      }
    }
    Write("proc/1/mountinfo", mounts_);
    Write("proc/swaps", "Filename Type Size Used Priority\n" + swaps_);
  }

  const Declared& declared() const { return declared_; }

 private:
  using Words = std::vector<std::string>;

  bool DeviceLine(const Words& words) {
    const std::string& what = words[0];
    if (what == "disk") {
      Device("devices/pci0000:00/block/" + words[1], words[1], words[2]);
      Content(words, 3, words[1]);
    } else if (what == "partition") {
      const std::string sys = folders_.at(words[1]) + "/" + words[2];
      Device(sys, words[2], words[3]);
      Write("sys/" + sys + "/partition", "1\n");
      Content(words, 4, words[2]);
    } else if (what == "virtual" || what == "mapping" || what == "loop") {
      const std::string sys = "devices/virtual/block/" + words[1];
      Device(sys, words[1], words[2]);
      Virtual(sys, words);
    } else {
      return false;
    }
    return true;
  }

  void Virtual(const std::string& sys, const Words& words) {
    size_t slaves_at = 3;
    if (words[0] == "mapping") {
      std::string uuid = words[3];
      if (uuid.compare(0, 4, "LUKS") == 0 && uuid.find('@') != std::string::npos) {
        uuid = "CRYPT-" + uuid.substr(0, 5) + "-" + LuksImage::UuidDigits(uuid.substr(6)) + "-" +
               words[4];
      }
      Write("sys/" + sys + "/dm/uuid", uuid + "\n");
      Write("sys/" + sys + "/dm/name", words[4] + "\n");
      Write("sys/" + sys + "/dm/suspended", "0\n");
      slaves_at = 5;
    }
    if (words[0] == "loop") {
      std::string file = words[3];
      for (size_t i = 4; i < words.size(); ++i) file.append(" ").append(words[i]);
      Write("sys/" + sys + "/loop/backing_file", file + "\n");
      return;
    }
    if (words.size() <= slaves_at) return;
    std::istringstream names(words[slaves_at]);
    for (std::string name; std::getline(names, name, ',');) {
      Link("sys/" + sys + "/slaves/" + name, "/sys/" + folders_.at(name));
    }
    Content(words, slaves_at + 1, words[1]);
  }

  bool KernelLine(const Words& words, const std::string& line) {
    const std::string& what = words[0];
    if (what == "attribute") {
      Write("sys/" + folders_.at(words[1]) + "/" + words[2], words[3] + "\n");
    } else if (what == "model") {
      Write("sys/" + folders_.at(words[1]) + "/device/model", Rest(line, words[1]) + "\n");
    } else if (what == "btrfs") {
      std::istringstream names(words[2]);
      for (std::string name; std::getline(names, name, ',');) {
        Link("sys/fs/btrfs/" + words[1] + "/devices/" + name, "/sys/" + folders_.at(name));
      }
    } else if (what == "mount") {
      const int parent = mount_id_ == 20 ? 1 : 21;  // all but the first stand on the first
      mounts_ += std::to_string(++mount_id_) + " " + std::to_string(parent) + " " + words[1] +
                 " / " + words[2] + " rw - " + words[3] + " " + words[4] + " " +
                 (words.size() > 5 ? words[5] : "rw") + "\n";
    } else if (what == "swap") {
      swaps_ += words[1] + " " + words[2] + " 1000 0 -2\n";
    } else {
      return false;
    }
    return true;
  }

  bool FileLine(const Words& words, const std::string& line) {
    const std::string& what = words[0];
    const std::string place = words.size() > 1 ? words[1].substr(1) : "";
    if (what == "file") {
      Write(place, Unescaped(Rest(line, words[2])));
      Mode(place, words[2]);
    } else if (what == "mode") {
      Mode(place, words[2]);
    } else if (what == "link") {
      Link(place, words[2]);
    } else if (what == "sqlite") {
      Write(place, "");
      const std::string command = "sqlite3 '" + (root_ / place).string() + "' 'CREATE TABLE a (b)'";
      if (std::system(command.c_str()) != 0) throw std::runtime_error("cannot run " + command);
    } else if (what == "random") {
      std::string bytes;
      for (int i = 0; bytes.size() < 8192; ++i) bytes += Sha256(std::to_string(i)).Raw();
      Write(place, bytes);
    } else if (what == "image") {
      Write(place, "");
      LuksImage::Make(root_ / place, words[2], Words(words.begin() + 3, words.end()), words[1]);
    } else if (what == "data") {
      declared_.data_paths.push_back({words[1], {}});
    } else if (what == "document") {
      declared_.documents.push_back(
          {.subject = words[1], .measure = "encryption-at-rest", .document = words[2]});
    } else {
      return false;
    }
    return true;
  }

  void Device(const std::string& sys, const std::string& name, const std::string& number) {
    folders_[name] = sys;
    Write("sys/" + sys + "/dev", number + "\n");
    Write("sys/" + sys + "/uevent", "DEVNAME=" + name + "\nDEVTYPE=disk\n");
    Write("sys/" + sys + "/size", "2097152\n");
    std::filesystem::create_directories(root_ / "sys" / sys / "slaves");
    Link("sys/dev/block/" + number, "../../" + sys);
    Link("sys/class/block/" + name, "../../" + sys);
    Write("dev/" + name, std::string(size_t{256} << 10, '\0'));
  }

  // What lies on the device `name`, from word `from` on.
  void Content(const Words& words, size_t from, const std::string& name) {
    if (words.size() <= from) return;
    const std::filesystem::path node = root_ / "dev" / name;
    const std::string& what = words[from];
    if (what.compare(0, 4, "luks") == 0) {
      const auto options = words.begin() + static_cast<std::ptrdiff_t>(from) + 1;
      return LuksImage::Make(node, what, Words(options, words.end()), name);
    }
    std::string bytes(size_t{256} << 10, '\0');
    if (what == "ext4") bytes.replace(1024 + 56, 2, "\x53\xef").replace(1024 + 96, 1, "\x42");
    if (what == "swap") bytes.replace(4086, 10, "SWAPSPACE2");
    if (what == "btrfs") bytes.replace(65536 + 64, 8, "_BHRfS_M");
    std::ofstream(node, std::ios::binary) << bytes;
  }

  // What stands behind the first place of `word` in the line.
  static std::string Rest(const std::string& line, const std::string& word) {
    const size_t end = line.find(" " + word + " ") + word.size() + 2;
    return end > line.size() ? "" : line.substr(end);
  }

  static std::string Unescaped(std::string text) {
    for (size_t at = 0; (at = text.find("\\n", at)) != std::string::npos;)
      text.replace(at, 2, "\n");
    return text;
  }

  void Mode(const std::string& place, const std::string& octal) const {
    std::filesystem::permissions(root_ / place,
                                 static_cast<std::filesystem::perms>(std::stoi(octal, nullptr, 8)));
  }

  void Write(const std::filesystem::path& place, const std::string& text) const {
    std::filesystem::create_directories((root_ / place).parent_path());
    std::ofstream(root_ / place, std::ios::binary) << text;
  }

  void Link(const std::filesystem::path& place, const std::string& target) const {
    std::filesystem::create_directories((root_ / place).parent_path());
    std::filesystem::create_symlink(target, root_ / place);
  }

  std::filesystem::path root_;
  Declared declared_;
  std::map<std::string, std::string> folders_;  // device -> its folder below /sys
  std::string mounts_;
  std::string swaps_;
  int mount_id_ = 20;
};

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_FAKE_STORAGE_TREE_H_
