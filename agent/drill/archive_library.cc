#include "agent/drill/archive_library.h"

#include <dlfcn.h>

#include "checks/env/shared_function.h"

namespace tom {
namespace {

bool FindReading(void* library, ArchiveLibrary& a) {
  return FindFunction(library, "archive_read_new", a.read_new) &&
         FindFunction(library, "archive_read_free", a.read_free) &&
         FindFunction(library, "archive_read_support_filter_gzip", a.filter_gzip) &&
         FindFunction(library, "archive_read_support_filter_bzip2", a.filter_bzip2) &&
         FindFunction(library, "archive_read_support_filter_xz", a.filter_xz) &&
         FindFunction(library, "archive_read_support_filter_lz4", a.filter_lz4) &&
         FindFunction(library, "archive_read_support_filter_zstd", a.filter_zstd) &&
         FindFunction(library, "archive_read_support_format_tar", a.format_tar) &&
         FindFunction(library, "archive_read_support_format_cpio", a.format_cpio) &&
         FindFunction(library, "archive_read_support_format_raw", a.format_raw) &&
         FindFunction(library, "archive_read_support_format_empty", a.format_empty) &&
         FindFunction(library, "archive_read_open_fd", a.open_fd) &&
         FindFunction(library, "archive_read_next_header", a.next_header) &&
         FindFunction(library, "archive_read_data_block", a.data_block) &&
         FindFunction(library, "archive_read_data_skip", a.data_skip) &&
         FindFunction(library, "archive_read_has_encrypted_entries", a.has_encrypted) &&
         FindFunction(library, "archive_error_string", a.error_string) &&
         FindFunction(library, "archive_format", a.format);
}

bool FindEntries(void* library, ArchiveLibrary& a) {
  return FindFunction(library, "archive_entry_pathname", a.pathname) &&
         FindFunction(library, "archive_entry_filetype", a.filetype) &&
         FindFunction(library, "archive_entry_hardlink", a.hardlink) &&
         FindFunction(library, "archive_entry_symlink", a.symlink) &&
         FindFunction(library, "archive_entry_size", a.size) &&
         FindFunction(library, "archive_entry_size_is_set", a.size_is_set) &&
         FindFunction(library, "archive_entry_mtime", a.mtime) &&
         FindFunction(library, "archive_entry_mtime_nsec", a.mtime_nsec);
}

const ArchiveLibrary* Load() {
  static ArchiveLibrary found;
  void* library = dlopen("libarchive.so.13", RTLD_NOW | RTLD_LOCAL);
  const bool whole =
      library != nullptr && FindReading(library, found) && FindEntries(library, found);
  return whole ? &found : nullptr;
}

}  // namespace

const ArchiveLibrary* LoadArchiveLibrary() {
  static const ArchiveLibrary* const library = Load();
  return library;
}

}  // namespace tom
