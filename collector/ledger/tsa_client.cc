#include "collector/ledger/tsa_client.h"

#include <curl/curl.h>
#include <openssl/ts.h>

#include <memory>

#include "evidence/openssl_ptr.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

using RequestPtr = std::unique_ptr<TS_REQ, OpensslFree<TS_REQ_free>>;
using ResponsePtr = std::unique_ptr<TS_RESP, OpensslFree<TS_RESP_free>>;
using ImprintPtr = std::unique_ptr<TS_MSG_IMPRINT, OpensslFree<TS_MSG_IMPRINT_free>>;
using AlgorithmPtr = std::unique_ptr<X509_ALGOR, OpensslFree<X509_ALGOR_free>>;
using IntegerPtr = std::unique_ptr<ASN1_INTEGER, OpensslFree<ASN1_INTEGER_free>>;

constexpr size_t kMaxReply = 64 << 10;
constexpr int kNonceBytes = 8;

IntegerPtr RandomNonce() {
  std::string random = RandomBytes(kNonceBytes);
  random[0] = static_cast<char>((random[0] & 0x7f) | 0x40);  // positive, no leading zero
  const BignumPtr number(BN_bin2bn(Bytes(random), kNonceBytes, nullptr));
  return IntegerPtr(BN_to_ASN1_INTEGER(number.get(), nullptr));
}

absl::StatusOr<std::string> EncodeRequest(const Digest& imprint, ASN1_INTEGER* nonce) {
  const RequestPtr request(TS_REQ_new());
  const ImprintPtr message(TS_MSG_IMPRINT_new());
  const AlgorithmPtr algorithm(X509_ALGOR_new());
  X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr);
  std::string hash(imprint.Raw());
  const bool made =
      TS_MSG_IMPRINT_set_algo(message.get(), algorithm.get()) == 1 &&
      TS_MSG_IMPRINT_set_msg(message.get(), reinterpret_cast<unsigned char*>(hash.data()),
                             static_cast<int>(hash.size())) == 1 &&
      TS_REQ_set_version(request.get(), 1) == 1 &&
      TS_REQ_set_msg_imprint(request.get(), message.get()) == 1 &&
      TS_REQ_set_nonce(request.get(), nonce) == 1 && TS_REQ_set_cert_req(request.get(), 1) == 1;
  std::string der = made ? ToDer<i2d_TS_REQ>(request.get()) : "";
  if (der.empty()) return absl::InternalError("tsa: " + TakeOpensslError());
  return der;
}

size_t Receive(char* data, size_t size, size_t count, void* target) {
  auto* reply = static_cast<std::string*>(target);
  if (reply->size() + size * count > kMaxReply) return 0;
  reply->append(data, size * count);
  return size * count;
}

absl::StatusOr<std::string> Post(const TsaConfig& config, const std::string& request) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(),
                                                                 curl_easy_cleanup);
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(
      curl_slist_append(nullptr, "Content-Type: application/timestamp-query"), curl_slist_free_all);
  if (curl == nullptr || headers == nullptr) return absl::InternalError("tsa: no memory for curl");
  std::string reply;
  CURL* handle = curl.get();
  curl_easy_setopt(handle, CURLOPT_URL, config.url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_TIMEOUT, static_cast<long>(config.deadline_seconds));
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.size()));
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.data());
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, Receive);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &reply);
  const CURLcode code = curl_easy_perform(handle);
  if (code != CURLE_OK) {
    return absl::UnavailableError("tsa: " + config.url + ": " + curl_easy_strerror(code));
  }
  long http = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &http);
  if (http != 200) {
    return absl::UnavailableError("tsa: " + config.url + ": HTTP " + std::to_string(http));
  }
  return reply;
}

absl::StatusOr<std::string> TokenOf(const std::string& reply, const ASN1_INTEGER* nonce) {
  const unsigned char* at = Bytes(reply);
  const ResponsePtr response(d2i_TS_RESP(nullptr, &at, static_cast<long>(reply.size())));
  if (response == nullptr || at != Bytes(reply) + reply.size()) {
    TakeOpensslError();
    return absl::UnavailableError("tsa: the reply is no TimeStampResp");
  }
  TS_STATUS_INFO* status = TS_RESP_get_status_info(response.get());
  const int64_t granted = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(status));
  PKCS7* token = TS_RESP_get_token(response.get());
  TS_TST_INFO* info = TS_RESP_get_tst_info(response.get());
  if ((granted != 0 && granted != 1) || token == nullptr || info == nullptr) {
    return absl::UnavailableError("tsa: refused, status " + std::to_string(granted));
  }
  const ASN1_INTEGER* echoed = TS_TST_INFO_get_nonce(info);
  if (echoed == nullptr || ASN1_INTEGER_cmp(echoed, nonce) != 0) {
    return absl::UnavailableError("tsa: the reply is to another request");
  }
  std::string der = ToDer<i2d_PKCS7>(token);
  if (der.empty()) return absl::UnavailableError("tsa: the token cannot be read");
  return der;
}

}  // namespace

absl::StatusOr<Token> RequestTimeStamp(const TsaConfig& config, const Digest& imprint) {
  if (config.url.empty()) return absl::FailedPreconditionError("tsa: no authority is configured");
  const IntegerPtr nonce = RandomNonce();
  TOM_ASSIGN_OR_RETURN(const std::string request, EncodeRequest(imprint, nonce.get()));
  TOM_ASSIGN_OR_RETURN(const std::string reply, Post(config, request));
  Token token;
  TOM_ASSIGN_OR_RETURN(token.der, TokenOf(reply, nonce.get()));
  absl::StatusOr<TimeStamp> stamp = VerifyTimeStamp(token.der, imprint, config.authorities);
  if (!stamp.ok()) return Annotate(stamp.status(), "tsa");
  token.stamp = *std::move(stamp);
  return token;
}

}  // namespace tom
