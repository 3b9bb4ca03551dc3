#include "agent/drill/archive_library.h"

#include <dlfcn.h>

namespace tom {
namespace {

template <typename Function>
bool Find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

bool FindReading(void* library, ArchiveLibrary& a) {
  return Find(library, "archive_read_new", a.read_new) &&
         Find(library, "archive_read_free", a.read_free) &&
         Find(library, "archive_read_support_filter_gzip", a.filter_gzip) &&
         Find(library, "archive_read_support_filter_bzip2", a.filter_bzip2) &&
         Find(library, "archive_read_support_filter_xz", a.filter_xz) &&
         Find(library, "archive_read_support_filter_lz4", a.filter_lz4) &&
         Find(library, "archive_read_support_filter_zstd", a.filter_zstd) &&
         Find(library, "archive_read_support_format_tar", a.format_tar) &&
         Find(library, "archive_read_support_format_cpio", a.format_cpio) &&
         Find(library, "archive_read_support_format_raw", a.format_raw) &&
         Find(library, "archive_read_support_format_empty", a.format_empty) &&
         Find(library, "archive_read_open_fd", a.open_fd) &&
         Find(library, "archive_read_next_header", a.next_header) &&
         Find(library, "archive_read_data_block", a.data_block) &&
         Find(library, "archive_read_data_skip", a.data_skip) &&
         Find(library, "archive_read_has_encrypted_entries", a.has_encrypted) &&
         Find(library, "archive_error_string", a.error_string) &&
         Find(library, "archive_format", a.format);
}

bool FindEntries(void* library, ArchiveLibrary& a) {
  return Find(library, "archive_entry_pathname", a.pathname) &&
         Find(library, "archive_entry_filetype", a.filetype) &&
         Find(library, "archive_entry_hardlink", a.hardlink) &&
         Find(library, "archive_entry_symlink", a.symlink) &&
         Find(library, "archive_entry_size", a.size) &&
         Find(library, "archive_entry_size_is_set", a.size_is_set) &&
         Find(library, "archive_entry_mtime", a.mtime) &&
         Find(library, "archive_entry_mtime_nsec", a.mtime_nsec);
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
