// Whatever the bytes, and however they are cut: the walk ends, tells the same members, and keeps no
// more of one than its name.
#include "checks/parse/tar_walk.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  std::string names[2];
  for (const size_t piece : {size_t{1}, size_t{4096}}) {
    std::string& told = names[piece == 1 ? 0 : 1];
    TarStream stream([&](const ArchiveMember& member) {
      TOM_FUZZ_CHECK(member.name.size() <= (size_t{128} << 10));
      told.append(member.name).append(member.folder ? "+\n" : "\n");
    });
    for (std::string_view rest = input; !rest.empty();) {
      stream.Add(rest.substr(0, piece));
      rest.remove_prefix(std::min(piece, rest.size()));
    }
    TOM_FUZZ_CHECK(stream.walk().members() <= input.size() / kTarBlockBytes);
  }
  TOM_FUZZ_CHECK(names[0] == names[1]);
}
