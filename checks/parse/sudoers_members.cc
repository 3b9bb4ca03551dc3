#include "checks/parse/sudoers_members.h"

#include <algorithm>
#include <iterator>

namespace tom {
namespace {

using Kind = SudoMember::Kind;

bool IsHex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// How many bytes of `rest` are the address of a host or network; 0: it starts with none. A colon
// elsewhere ends a list of hosts, so two of them in one run of digits can only be IPv6.
size_t AddressSize(std::string_view rest) {
  size_t size = 0;
  size_t dots = 0;
  size_t colons = 0;
  bool slash = false;
  bool letters = false;
  for (; size < rest.size(); ++size) {
    const char c = rest[size];
    if (c == '/' && size > 0 && !slash) {
      slash = true;
    } else if (c == '.') {
      dots += slash ? 0 : 1;
    } else if (c == ':') {
      ++colons;
    } else if (IsHex(c)) {
      letters = letters || c > '9';
    } else {
      break;
    }
  }
  const bool ends = size == rest.size() ||
                    std::string_view("#>!=,() \t\r\n\\").find(rest[size]) != std::string_view::npos;
  if (colons >= 2 && ends) return size;
  if (colons > 0) {  // an IPv4 address, and the next privilege behind a colon
    const size_t colon = rest.find(':');
    return AddressSize(rest.substr(0, colon));
  }
  return dots == 3 && !letters && ends ? size : 0;
}

SudoMember Quoted(std::string text) {
  SudoMember member;
  if (text.size() > 1 && text[0] == '%') {
    member.kind = Kind::kGroup;
    text.erase(0, 1);
  } else if (text.size() > 1 && text[0] == '+') {
    member.kind = Kind::kNetgroup;
    text.erase(0, 1);
  }
  member.name = std::move(text);
  return member;
}

constexpr std::string_view kMisplaced = "an element that does not belong into this list";

// Lists of groups hold names alone, and no host is a group, quoted or not.
bool Belongs(const SudoMember& member, SudoListKind kind) {
  if (kind == SudoListKind::kGroups) return member.kind == Kind::kName;
  return kind != SudoListKind::kHosts || member.kind != Kind::kGroup;
}

// Users, groups, hosts.
std::string_view TakeNamed(SudoersCursor& cursor, SudoListKind kind, SudoMember& member) {
  const bool negated = member.negated;
  if (cursor.Peek() == '"') {
    auto text = cursor.TakeQuoted();
    if (!text) return "a quoted name that does not end";
    if (*text == "%" || *text == "%:" || *text == "+") return "a group without a name";
    member = Quoted(*std::move(text));
    member.negated = negated;
    return Belongs(member, kind) ? "" : kMisplaced;
  }
  if (const size_t size = AddressSize(cursor.Rest()); size > 0 && kind == SudoListKind::kHosts) {
    member.kind = Kind::kAddress;
    member.name = cursor.Rest().substr(0, size);
    cursor.Advance(size);
    return "";
  }
  if (cursor.Peek() == '/') return "a command where a name belongs";
  const std::string_view capitals = cursor.PeekCapitals();
  if (!capitals.empty()) {
    member.kind = capitals == "ALL" ? Kind::kAll : Kind::kAlias;
    if (capitals != "ALL") member.name = capitals;
    cursor.Advance(capitals.size());
    return "";
  }
  const bool group = cursor.Peek() == '%';
  if (group) {
    cursor.Advance(1);
    member.kind = Kind::kGroup;
    if (cursor.Peek() == ':') {
      cursor.Advance(1);
      member.name = ":";
    }
  }
  const auto name = cursor.TakeName();
  if (!name) return group ? "a group without a name" : "a name is missing";
  if (group) {
    member.name.append(*name);
  } else if ((*name)[0] == '+') {
    if (name->size() == 1) return "a netgroup without a name";
    member.kind = Kind::kNetgroup;
    member.name = name->substr(1);
  } else {
    member.name = *name;
  }
  const bool id = kind == SudoListKind::kHosts && member.name[0] == '#';
  return Belongs(member, kind) && !id ? "" : kMisplaced;
}

// "sha256:…" in front of a command, separated by commas.
std::string_view TakeDigests(SudoersCursor& cursor, SudoMember& member) {
  constexpr std::string_view kNames[] = {"sha224", "sha256", "sha384", "sha512"};
  constexpr size_t kBytes[] = {28, 32, 48, 64};
  while (true) {
    const std::string_view word = cursor.Rest().substr(0, cursor.WordSize());
    const auto* const name = std::find(std::begin(kNames), std::end(kNames), word);
    if (name == std::end(kNames)) return member.digests.empty() ? "" : "a digest is missing";
    const size_t bytes = kBytes[name - std::begin(kNames)];
    cursor.Advance(word.size());
    if (!cursor.Take(':')) return "a digest without a colon";
    size_t size = cursor.Rest().find_first_not_of(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");
    size = std::min(size, cursor.Rest().size());
    const std::string_view value = cursor.Rest().substr(0, size);
    const bool padded = !value.empty() && value.back() == '=';
    const size_t base64 = padded ? 4 * ((bytes + 2) / 3) : (4 * bytes + 2) / 3;
    const bool hex = std::all_of(value.begin(), value.end(), IsHex) && size == 2 * bytes;
    if (!hex && size != base64) return "a digest of another length";
    member.digests.push_back(std::string(word).append(":").append(value));
    cursor.Advance(size);
    if (!cursor.Take(',')) return "";
  }
}

std::string_view TakeCommand(SudoersCursor& cursor, bool arguments, SudoMember& member) {
  const std::string_view capitals = cursor.PeekCapitals();
  if (!capitals.empty()) {
    member.kind = capitals == "ALL" ? Kind::kAll : Kind::kAlias;
    if (capitals != "ALL") member.name = capitals;
    cursor.Advance(capitals.size());
    return !member.digests.empty() && member.kind == Kind::kAlias ? "a digest in front of an alias"
                                                                  : "";
  }
  member.kind = Kind::kCommand;
  const std::string_view word = cursor.Rest().substr(0, cursor.WordSize());
  if (word == "list" || word == "sudoedit") {
    member.name = word;
    cursor.Advance(word.size());
    arguments = arguments && word == "sudoedit";
  } else {
    auto path = cursor.Peek() == '^' ? cursor.TakePattern() : cursor.TakePath();
    if (!path) return "a command that is no absolute path";
    member.name = *std::move(path);
    if (member.name.back() == '/') arguments = false;
  }
  if (!arguments) return "";
  auto text = cursor.TakeArguments();
  if (!text) return "an escape that sudo does not know";
  if (!text->empty()) member.arguments = *std::move(text);
  return "";
}

}  // namespace

std::string_view TakeSudoMember(SudoersCursor& cursor, SudoListKind kind, SudoMembers& members) {
  const bool commands = kind == SudoListKind::kCommands || kind == SudoListKind::kDefaultsCommands;
  SudoMember member;
  cursor.SkipBlanks();
  if (commands) {
    if (const auto problem = TakeDigests(cursor, member); !problem.empty()) return problem;
  }
  const auto negated = cursor.TakeNegation();
  if (!negated) return "two separate ! in a row";
  member.negated = *negated;
  const std::string_view problem =
      commands ? TakeCommand(cursor, kind == SudoListKind::kCommands, member)
               : TakeNamed(cursor, kind, member);
  if (problem.empty()) members.push_back(std::move(member));
  return problem;
}

std::string_view TakeSudoMembers(SudoersCursor& cursor, SudoListKind kind, SudoMembers& members) {
  do {
    const auto problem = TakeSudoMember(cursor, kind, members);
    if (!problem.empty()) return problem;
  } while (cursor.Take(','));
  return "";
}

}  // namespace tom
