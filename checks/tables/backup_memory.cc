#include "checks/tables/backup_memory.h"

#include <algorithm>

#include "checks/parse/plain_number.h"
#include "evidence/digest.h"

namespace tom {
namespace {

// Names of files may be any bytes; a key is text.
std::string KeyOf(const std::string& what) { return "backup-whole " + Sha256(what).Hex(); }

}  // namespace

std::string FingerprintOf(const std::vector<StoredFile>& files) {
  Sha256Stream hash;
  for (const StoredFile& file : files) {
    hash.Add(file.path);
    std::string facts(1, '\0');
    for (const int64_t one : {static_cast<int64_t>(file.size), file.modified, file.changed,
                              static_cast<int64_t>(file.inode)}) {
      facts.append(std::to_string(one)).append(1, ' ');
    }
    hash.Add(facts);
  }
  return hash.Finish().Hex();
}

std::optional<std::string> VerifiedNote(Env& env, const std::string& what,
                                        const std::string& fingerprint) {
  const std::string* kept = env.memory().Find(KeyOf(what));
  if (kept == nullptr || !kept->starts_with(fingerprint + " ")) return std::nullopt;
  const std::string_view rest = std::string_view(*kept).substr(fingerprint.size() + 1);
  const size_t blank = std::min(rest.find(' '), rest.size());
  const auto time = PlainNumber(rest.substr(0, blank));
  if (!time || *time > env.Now() || env.Now() - *time >= kVerifiedForSeconds) return std::nullopt;
  return std::string(rest.substr(std::min(blank + 1, rest.size())));
}

bool WasVerified(Env& env, const std::string& what, const std::string& fingerprint) {
  return VerifiedNote(env, what, fingerprint).has_value();
}

void KeepVerified(Env& env, const std::string& what, const std::string& fingerprint,
                  const std::string& note) {
  env.memory().Keep(KeyOf(what), fingerprint + " " + std::to_string(env.Now()) + " " + note);
}

std::optional<int64_t> KnownSize(Env& env, const std::string& id) {
  const std::string* kept = env.memory().Find("backup-size " + id);
  return kept == nullptr ? std::nullopt : PlainNumber(*kept);
}

void KeepSize(Env& env, const std::string& id, int64_t bytes) {
  env.memory().Keep("backup-size " + id, std::to_string(bytes));
}

// A 0 or 1 for each.
std::optional<std::vector<std::string>> KnownHeld(Env& env, const std::string& question,
                                                  const std::vector<std::string>& wanted) {
  const std::string* kept = env.memory().Find("backup-holds " + Sha256(question).Hex());
  if (kept == nullptr || kept->size() != wanted.size()) return std::nullopt;
  std::vector<std::string> held;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if ((*kept)[i] == '1') held.push_back(wanted[i]);
  }
  return held;
}

void KeepHeld(Env& env, const std::string& question, const std::vector<std::string>& wanted,
              const std::vector<std::string>& held) {
  std::string note;
  for (const std::string& path : wanted) {
    note.push_back(std::find(held.begin(), held.end(), path) != held.end() ? '1' : '0');
  }
  env.memory().Keep("backup-holds " + Sha256(question).Hex(), note);
}

}  // namespace tom
