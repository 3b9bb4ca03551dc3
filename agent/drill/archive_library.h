// libarchive, loaded when an archive is read: an agent that holds no drills carries neither it nor
// what it brings along. Its own ways to run programs for odd compressions are never switched on.
#ifndef TOM_AGENT_DRILL_ARCHIVE_LIBRARY_H_
#define TOM_AGENT_DRILL_ARCHIVE_LIBRARY_H_

#include <archive.h>
#include <archive_entry.h>

namespace tom {

struct ArchiveLibrary {
  decltype(&::archive_read_new) read_new = nullptr;
  decltype(&::archive_read_free) read_free = nullptr;
  decltype(&::archive_read_support_filter_gzip) filter_gzip = nullptr;
  decltype(&::archive_read_support_filter_bzip2) filter_bzip2 = nullptr;
  decltype(&::archive_read_support_filter_xz) filter_xz = nullptr;
  decltype(&::archive_read_support_filter_lz4) filter_lz4 = nullptr;
  decltype(&::archive_read_support_filter_zstd) filter_zstd = nullptr;
  decltype(&::archive_read_support_format_tar) format_tar = nullptr;
  decltype(&::archive_read_support_format_cpio) format_cpio = nullptr;
  decltype(&::archive_read_support_format_raw) format_raw = nullptr;
  decltype(&::archive_read_support_format_empty) format_empty = nullptr;
  decltype(&::archive_read_open_fd) open_fd = nullptr;
  decltype(&::archive_read_next_header) next_header = nullptr;
  decltype(&::archive_read_data_block) data_block = nullptr;
  decltype(&::archive_read_data_skip) data_skip = nullptr;
  decltype(&::archive_read_has_encrypted_entries) has_encrypted = nullptr;
  decltype(&::archive_error_string) error_string = nullptr;
  decltype(&::archive_format) format = nullptr;
  decltype(&::archive_entry_pathname) pathname = nullptr;
  decltype(&::archive_entry_filetype) filetype = nullptr;
  decltype(&::archive_entry_hardlink) hardlink = nullptr;
  decltype(&::archive_entry_symlink) symlink = nullptr;
  decltype(&::archive_entry_size) size = nullptr;
  decltype(&::archive_entry_size_is_set) size_is_set = nullptr;
  decltype(&::archive_entry_mtime) mtime = nullptr;
  decltype(&::archive_entry_mtime_nsec) mtime_nsec = nullptr;
};

// Null where the library is not installed or lacks a function. Stays loaded.
const ArchiveLibrary* LoadArchiveLibrary();

}  // namespace tom

#endif  // TOM_AGENT_DRILL_ARCHIVE_LIBRARY_H_
