// libcurl, loaded at run time (http_fetch.h says why). Internal to checks/env.
#ifndef TOM_CHECKS_ENV_CURL_LIBRARY_H_
#define TOM_CHECKS_ENV_CURL_LIBRARY_H_

#include <curl/curl.h>

namespace tom {

struct CurlLibrary {
  decltype(&::curl_global_init) global_init = nullptr;
  decltype(&::curl_easy_init) easy_init = nullptr;
  // NOLINTNEXTLINE: libcurl's own form
  decltype(&(::curl_easy_setopt)) easy_setopt = nullptr;
  decltype(&(::curl_easy_getinfo)) easy_getinfo = nullptr;
  decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&::curl_easy_strerror) easy_strerror = nullptr;
  decltype(&::curl_slist_append) slist_append = nullptr;
  decltype(&::curl_slist_free_all) slist_free_all = nullptr;
  decltype(&::curl_multi_init) multi_init = nullptr;
  decltype(&(::curl_multi_setopt)) multi_setopt = nullptr;
  decltype(&::curl_multi_add_handle) multi_add_handle = nullptr;
  decltype(&::curl_multi_remove_handle) multi_remove_handle = nullptr;
  decltype(&::curl_multi_perform) multi_perform = nullptr;
  decltype(&::curl_multi_poll) multi_poll = nullptr;
  decltype(&::curl_multi_info_read) multi_info_read = nullptr;
  decltype(&::curl_multi_cleanup) multi_cleanup = nullptr;
};

// Null where the library is not installed or lacks a function. Stays loaded.
const CurlLibrary* LoadCurl();

}  // namespace tom

#endif  // TOM_CHECKS_ENV_CURL_LIBRARY_H_
