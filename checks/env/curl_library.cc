#include "checks/env/curl_library.h"

#include <dlfcn.h>

#include "checks/env/shared_function.h"

namespace tom {
namespace {

bool FindAll(void* library, CurlLibrary& curl) {
  return FindFunction(library, "curl_global_init", curl.global_init) &&
         FindFunction(library, "curl_easy_init", curl.easy_init) &&
         FindFunction(library, "curl_easy_setopt", curl.easy_setopt) &&
         FindFunction(library, "curl_easy_getinfo", curl.easy_getinfo) &&
         FindFunction(library, "curl_easy_cleanup", curl.easy_cleanup) &&
         FindFunction(library, "curl_easy_strerror", curl.easy_strerror) &&
         FindFunction(library, "curl_slist_append", curl.slist_append) &&
         FindFunction(library, "curl_slist_free_all", curl.slist_free_all) &&
         FindFunction(library, "curl_multi_init", curl.multi_init) &&
         FindFunction(library, "curl_multi_setopt", curl.multi_setopt) &&
         FindFunction(library, "curl_multi_add_handle", curl.multi_add_handle) &&
         FindFunction(library, "curl_multi_remove_handle", curl.multi_remove_handle) &&
         FindFunction(library, "curl_multi_perform", curl.multi_perform) &&
         FindFunction(library, "curl_multi_poll", curl.multi_poll) &&
         FindFunction(library, "curl_multi_info_read", curl.multi_info_read) &&
         FindFunction(library, "curl_multi_cleanup", curl.multi_cleanup);
}

const CurlLibrary* Load() {
  static CurlLibrary curl;
  void* library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr || !FindAll(library, curl)) return nullptr;
  return curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? &curl : nullptr;
}

}  // namespace

const CurlLibrary* LoadCurl() {
  static const CurlLibrary* const library = Load();
  return library;
}

}  // namespace tom
