// The members of a tar archive, block by block, with no more than headers and names in memory:
// POSIX pax and ustar (IEEE 1003.1 pax), GNU's long names, sizes and sparse files (tar's tar.h),
// and the old form without a mark.
#ifndef TOM_CHECKS_PARSE_TAR_WALK_H_
#define TOM_CHECKS_PARSE_TAR_WALK_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tom {

inline constexpr size_t kTarBlockBytes = 512;

struct ArchiveMember {
  std::string name;  // as the archive writes it
  bool folder = false;
  bool link = false;  // a symbolic link, which holds nothing of what it leads to
};
using MemberSink = std::function<void(const ArchiveMember&)>;

// Whether `block`, 512 bytes, is a header by its checksum.
bool IsTarHeader(std::string_view block);

class TarWalk {
 public:
  enum class State {
    kMembers,  // more is to come
    kEnded,    // two blocks of zeros were seen
    kBroken    // what should be a header is none
  };

  explicit TarWalk(MemberSink sink) : sink_(std::move(sink)) {}

  // The next block of 512 bytes that is not skipped.
  void TakeBlock(std::string_view block);
  // What to leave out before the next block, in bytes: a multiple of 512. Asking for it sets it to
  // zero.
  uint64_t TakeSkip();
  State state() const { return state_; }
  uint64_t members() const { return members_; }
  // True: nothing of a member is expected any more, so that the archive may end here.
  bool BetweenMembers() const { return expect_ == Expect::kHeader && !prefixed_; }

 private:
  enum class Expect { kHeader, kBody, kSparse };

  void TakeHeader(std::string_view block);
  void TakeBody(std::string_view block);
  void Announce(char type, uint64_t size);
  void ReadPax();

  MemberSink sink_;
  State state_ = State::kMembers;
  Expect expect_ = Expect::kHeader;
  uint64_t skip_ = 0;
  uint64_t members_ = 0;
  int zeros_ = 0;          // blocks of them, one after another
  bool prefixed_ = false;  // a long name or pax' records of the next member were read
  char body_type_ = 0;
  uint64_t body_left_ = 0;
  std::string body_;
  uint64_t data_after_sparse_ = 0;
  std::string long_name_;  // of the next member
  uint64_t long_size_ = 0;
  bool has_long_size_ = false;
};

// Bytes as they come, cut into blocks.
class TarStream {
 public:
  explicit TarStream(MemberSink sink) : walk_(std::move(sink)) {}
  void Add(std::string_view bytes);
  const TarWalk& walk() const { return walk_; }

 private:
  TarWalk walk_;
  uint64_t skip_ = 0;
  std::string partial_;
};

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_TAR_WALK_H_
