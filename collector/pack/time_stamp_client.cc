#include "collector/pack/time_stamp_client.h"

#include <curl/curl.h>
#include <openssl/ts.h>

#include <chrono>
#include <cstring>
#include <thread>

#include "evidence/openssl_ptr.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxReplyBytes = 64 << 10;

using RequestPtr = std::unique_ptr<TS_REQ, OpensslFree<TS_REQ_free>>;
using ReplyPtr = std::unique_ptr<TS_RESP, OpensslFree<TS_RESP_free>>;
using ImprintPtr = std::unique_ptr<TS_MSG_IMPRINT, OpensslFree<TS_MSG_IMPRINT_free>>;
using AlgorithmPtr = std::unique_ptr<X509_ALGOR, OpensslFree<X509_ALGOR_free>>;
using IntegerPtr = std::unique_ptr<ASN1_INTEGER, OpensslFree<ASN1_INTEGER_free>>;
using CurlPtr = std::unique_ptr<CURL, OpensslFree<curl_easy_cleanup>>;
using HeadersPtr = std::unique_ptr<curl_slist, OpensslFree<curl_slist_free_all>>;

absl::Status TsError(std::string_view what) {
  const std::string reason = TakeOpensslError();
  return absl::InternalError(ToAbsl("time-stamp request: " + std::string(what) + ": " + reason));
}

ImprintPtr MakeImprint(const Digest& imprint) {
  ImprintPtr message(TS_MSG_IMPRINT_new());
  const AlgorithmPtr algorithm(X509_ALGOR_new());
  if (message == nullptr || algorithm == nullptr) return nullptr;
  X509_ALGOR_set_md(algorithm.get(), EVP_sha256());
  std::string raw(imprint.Raw());
  if (TS_MSG_IMPRINT_set_algo(message.get(), algorithm.get()) != 1 ||
      TS_MSG_IMPRINT_set_msg(message.get(), reinterpret_cast<unsigned char*>(raw.data()),
                             static_cast<int>(raw.size())) != 1) {
    return nullptr;
  }
  return message;
}

size_t TakeBytes(char* data, size_t size, size_t count, void* out) {
  auto* reply = static_cast<std::string*>(out);
  if (reply->size() + size * count > kMaxReplyBytes) return 0;  // curl then fails
  reply->append(data, size * count);
  return size * count;
}

void SetOptions(CURL* curl, const TimeStampSource& source, const std::string& request,
                std::string& reply) {
  curl_easy_setopt(curl, CURLOPT_URL, source.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, static_cast<long>(source.timeout_seconds));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.data());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.size()));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &TakeBytes);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reply);
}

absl::StatusOr<std::string> Post(const TimeStampSource& source, const std::string& request) {
  const CurlPtr curl(curl_easy_init());
  const HeadersPtr headers(curl_slist_append(nullptr, "Content-Type: application/timestamp-query"));
  if (curl == nullptr || headers == nullptr) return absl::InternalError("curl does not start");
  std::string reply;
  SetOptions(curl.get(), source, request, reply);
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) {
    return absl::UnavailableError(ToAbsl(source.url + ": " + curl_easy_strerror(code)));
  }
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) {
    return absl::UnavailableError(ToAbsl(source.url + ": HTTP " + std::to_string(status)));
  }
  return reply;
}

uint64_t RandomNonce() {
  uint64_t nonce = 0;
  const std::string bytes = RandomBytes(sizeof nonce);
  std::memcpy(&nonce, bytes.data(), sizeof nonce);
  return nonce;
}

}  // namespace

absl::StatusOr<std::string> TimeStampRequest(const Digest& imprint, uint64_t nonce) {
  const RequestPtr request(TS_REQ_new());
  const ImprintPtr message = MakeImprint(imprint);
  const IntegerPtr number(ASN1_INTEGER_new());
  if (request == nullptr || message == nullptr || number == nullptr ||
      ASN1_INTEGER_set_uint64(number.get(), nonce) != 1 ||
      TS_REQ_set_version(request.get(), 1) != 1 ||
      TS_REQ_set_msg_imprint(request.get(), message.get()) != 1 ||
      TS_REQ_set_nonce(request.get(), number.get()) != 1 ||
      TS_REQ_set_cert_req(request.get(), 1) != 1) {
    return TsError("building it");
  }
  std::string der = ToDer<i2d_TS_REQ>(request.get());
  if (der.empty()) return TsError("encoding it");
  return der;
}

absl::StatusOr<std::string> TokenFromReply(std::string_view reply, const Digest& imprint,
                                           uint64_t nonce) {
  const unsigned char* at = Bytes(reply);
  const ReplyPtr parsed(d2i_TS_RESP(nullptr, &at, static_cast<long>(reply.size())));
  if (parsed == nullptr) {
    TakeOpensslError();
    return BadData("the authority's answer is no time-stamp reply");
  }
  const long granted =
      ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(parsed.get())));
  TS_TST_INFO* info = TS_RESP_get_tst_info(parsed.get());
  if ((granted != TS_STATUS_GRANTED && granted != TS_STATUS_GRANTED_WITH_MODS) || info == nullptr) {
    return absl::UnavailableError(
        ToAbsl("the authority refused: status " + std::to_string(granted)));
  }
  uint64_t answered = 0;
  const ASN1_INTEGER* number = TS_TST_INFO_get_nonce(info);
  if (number == nullptr || ASN1_INTEGER_get_uint64(&answered, number) != 1 || answered != nonce) {
    TakeOpensslError();
    return BadData("the authority answered another request (nonce)");
  }
  ASN1_OCTET_STRING* message = TS_MSG_IMPRINT_get_msg(TS_TST_INFO_get_msg_imprint(info));
  const std::string_view stamped(reinterpret_cast<const char*>(ASN1_STRING_get0_data(message)),
                                 static_cast<size_t>(ASN1_STRING_length(message)));
  if (stamped != imprint.Raw()) return BadData("the authority stamped something else");
  std::string der = ToDer<i2d_PKCS7>(TS_RESP_get_token(parsed.get()));
  if (der.empty()) return TsError("encoding the token");
  return der;
}

absl::StatusOr<std::string> FetchTimeStamp(const TimeStampSource& source, const Digest& imprint) {
  absl::Status last = absl::UnavailableError("no attempt was made");
  for (int attempt = 0; attempt < source.attempts; ++attempt) {
    if (attempt > 0) std::this_thread::sleep_for(std::chrono::seconds(attempt));
    const uint64_t nonce = RandomNonce();
    TOM_ASSIGN_OR_RETURN(const std::string request, TimeStampRequest(imprint, nonce));
    const auto reply = Post(source, request);
    if (!reply.ok()) {
      last = reply.status();
      continue;
    }
    auto token = TokenFromReply(*reply, imprint, nonce);
    if (token.ok()) return token;
    last = token.status();
  }
  return Annotate(last, "time-stamp authority " + source.url);
}

}  // namespace tom
