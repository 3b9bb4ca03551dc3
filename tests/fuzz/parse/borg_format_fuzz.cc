// Repositories are as hostile as whoever may write them: whatever the bytes, every reader ends, and
// what is opened without a key is what it is named as.
#include "checks/parse/borg_format.h"
#include "checks/parse/msgpack.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  const auto config = ParseBorgConfig(input);
  TOM_FUZZ_CHECK(!config.ok() || (config->segments_per_dir > 0 && config->id.size() == 64));
  static_cast<void>(ParseBorgKeyFile(input, std::string(64, 'a')).ok());
  size_t at = 0;
  const auto node = ReadMsgpack(input, at);
  TOM_FUZZ_CHECK(at <= input.size() && (node.ok() ? at > 0 : at == 0));
  const Digest id = Sha256("x");
  const auto plain = OpenBorgObject(input, nullptr, &id);
  TOM_FUZZ_CHECK(!plain.ok() || Sha256(*plain) == id);
  const BorgKey key{std::string(32, 'k'), std::string(32, 'm'), std::string(32, 'i')};
  TOM_FUZZ_CHECK(!OpenBorgObject(input, &key, &id).ok());
  const auto list = ParseBorgManifest(input, nullptr);
  TOM_FUZZ_CHECK(!list.ok() || list->size() <= 20000);
  TOM_FUZZ_CHECK(!ParseBorgManifest(input, &key).ok());
  static_cast<void>(ParseBorgArchive(input).ok());
  BorgItems stream;
  std::vector<BorgItem> items;
  for (size_t i = 0; i < input.size(); i += 64) {
    if (!stream.Add(input.substr(i, 64), items).ok()) break;
  }
  const auto head = ParseBorgEntryHead(input);
  TOM_FUZZ_CHECK(!head || head->size >= head->head_bytes);
  const auto index = ParseBorgIndexHead(input, input.size());
  TOM_FUZZ_CHECK(!index.ok() || FirstBorgBucket(id, *index) < index->buckets);
}
