// Reads an archive of files (tar in all its dialects, cpio; gzip, bzip2, xz, lz4, zstd) inside a
// worker. What is no archive is one stream: a dump of a database, compressed or not.
//
// Restoring makes plain files named by numbers and nothing else: no name, mode, owner, link or
// device of the archive comes into being, so that none can lead anywhere.
#ifndef TOM_AGENT_DRILL_ARCHIVE_READER_H_
#define TOM_AGENT_DRILL_ARCHIVE_READER_H_

#include <cstdint>
#include <map>
#include <string>

namespace tom {

// One file of the sample: where it goes, and how many bytes of it.
struct ArchiveTarget {
  std::string file;  // in the working directory
  int64_t size = 0;  // as listed; of a stream the most that is written
  bool stream = false;
};

// Writes a line an entry to descriptor `out` (checks/parse/backup_listing.h, ParseListedNode).
// Gives an exit status: 0, or 1 after the reason on descriptor 2.
int ListArchive(int archive, int out);

// Restores the entries of these numbers. 1 too where an entry has more or less than it lists.
int RestoreArchive(int archive, const std::map<int64_t, ArchiveTarget>& wanted);

}  // namespace tom

#endif  // TOM_AGENT_DRILL_ARCHIVE_READER_H_
