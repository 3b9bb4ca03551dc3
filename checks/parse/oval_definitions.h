// OVAL 5 definitions as Debian publishes them (oval-definitions-CODENAME.xml): which weakness is
// there when which package is earlier than which version. Bytes -> values, no I/O; pure.
//
// Read as a stream by expat; what is kept is numbers and the texts that can decide. A document type
// is refused, depth and sizes are bounded.
#ifndef TOM_CHECKS_PARSE_OVAL_DEFINITIONS_H_
#define TOM_CHECKS_PARSE_OVAL_DEFINITIONS_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tom {

inline constexpr size_t kMaxOvalDepth = 100;
inline constexpr size_t kMaxOvalKept = 48 << 20;  // bytes of all that is kept of a file
inline constexpr uint32_t kNoOval = ~uint32_t{0};

// Texts by number: ids, names, versions. The same text has the same number.
class OvalTexts {
 public:
  OvalTexts();
  ~OvalTexts();
  OvalTexts(const OvalTexts&) = delete;
  OvalTexts& operator=(const OvalTexts&) = delete;
  OvalTexts(OvalTexts&&) noexcept;
  OvalTexts& operator=(OvalTexts&&) noexcept;

  uint32_t Add(std::string_view text);
  // kNoOval where it never was added.
  uint32_t Find(std::string_view text) const;
  std::string_view At(uint32_t number) const;  // "" of kNoOval
  size_t size() const;
  size_t bytes() const;

 private:
  struct Data;
  std::unique_ptr<Data> data_;
};

// A criteria, a criterion or an extend_definition, in document order: what is within a criteria
// follows it, up to `end`.
struct OvalNode {
  enum class Kind : uint8_t { kAnd, kOr, kOne, kXor, kTest, kDefinition, kNotKnown };
  Kind kind = Kind::kNotKnown;
  bool negate = false;
  uint32_t ref = kNoOval;  // test or definition
  uint32_t end = 0;
};

struct OvalDefinition {
  uint32_t id = kNoOval;
  bool weakness = false;    // of class vulnerability or patch
  uint32_t node = kNoOval;  // the outer criteria
  uint32_t severity = kNoOval;
  std::vector<uint32_t> cves;
};

struct OvalTest {
  enum class Kind : uint8_t { kNone, kPackage, kTextFile, kUname, kFamily, kOther };
  Kind kind = Kind::kNone;
  bool any_state = false;    // state_operator OR
  bool other = false;        // something about it is not followed
  uint32_t check = kNoOval;  // as written
  uint32_t existence = kNoOval;
  uint32_t object = kNoOval;
  std::vector<uint32_t> states;
};

struct OvalObject {
  bool other = false;       // not simply equal to a name
  uint32_t name = kNoOval;  // of a package; of a file: its path with the name
};

struct OvalState {
  bool other = false;  // has what is not followed
  bool any = false;    // operator OR
  // Kinds of entity: evr, name, arch; subexpression; family.
  struct Entity {
    uint32_t name = kNoOval;
    uint32_t operation = kNoOval;  // kNoOval: equals
    uint32_t value = kNoOval;
  };
  std::vector<Entity> entities;
};

struct OvalFile {
  OvalTexts texts;
  std::vector<OvalDefinition> definitions;
  std::vector<OvalNode> nodes;
  // By the number of their id; as long as the highest.
  std::vector<uint32_t> definition_of;
  std::vector<uint32_t> test_of, object_of, state_of;
  std::vector<OvalTest> tests;
  std::vector<OvalObject> objects;
  std::vector<OvalState> states;
  std::set<std::string> platforms;  // at most 50
  std::string timestamp;            // of the generator, as it stands
};

class OvalReader {
 public:
  OvalReader();
  ~OvalReader();
  OvalReader(const OvalReader&) = delete;
  OvalReader& operator=(const OvalReader&) = delete;

  // InvalidArgument: no well-formed XML, a document type, too deep. ResourceExhausted: more than is
  // kept.
  absl::Status Take(std::string_view piece);
  // After the last piece. InvalidArgument: it breaks off, or is no oval_definitions.
  absl::StatusOr<OvalFile> Finish();

 private:
  class Handler;
  std::unique_ptr<Handler> handler_;
};

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_OVAL_DEFINITIONS_H_
