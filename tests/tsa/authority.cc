#include "tests/tsa/authority.h"

#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace tom {
namespace {

// An arc for documentation (RFC 5612's enterprise number): the policy of an authority that promises
// nothing.
constexpr char kPolicy[] = "1.3.6.1.4.1.32473.1";
constexpr long kValidDays = 3650;

void FreeFile(FILE* file) { std::fclose(file); }
using FilePtr = std::unique_ptr<FILE, OpensslFree<FreeFile>>;

absl::Status OpensslError(std::string_view what) {
  return absl::InternalError(absl::StrCat(std::string(what), ": ", TakeOpensslError()));
}

FilePtr OpenFile(const std::string& path, int flags, const char* mode) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600);
  return FilePtr(fd < 0 ? nullptr : fdopen(fd, mode));
}

bool AddExtension(X509* certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  std::unique_ptr<X509_EXTENSION, OpensslFree<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool SetRandomSerial(ASN1_INTEGER* serial) {
  uint64_t value = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value) != 1) return false;
  return ASN1_INTEGER_set_uint64(serial, (value >> 1) | 1) == 1;
}

// Good from a day ago, so that --clock-offset can lie a little into the past without an invalid
// certificate.
X509Ptr SelfSigned(EVP_PKEY* key) {
  X509Ptr certificate(X509_new());
  X509* x = certificate.get();
  if (x == nullptr) return certificate;
  X509_NAME* name = X509_get_subject_name(x);
  const bool made =
      X509_set_version(x, X509_VERSION_3) == 1 && SetRandomSerial(X509_get_serialNumber(x)) &&
      X509_gmtime_adj(X509_getm_notBefore(x), -24L * 3600) != nullptr &&
      X509_time_adj_ex(X509_getm_notAfter(x), kValidDays, 0, nullptr) != nullptr &&
      X509_NAME_add_entry_by_txt(
          name, "CN", MBSTRING_ASC,
          reinterpret_cast<const unsigned char*>("demonstration time-stamp authority"), -1, -1,
          0) == 1 &&
      X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, key) == 1 &&
      AddExtension(x, NID_basic_constraints, "critical,CA:FALSE") &&
      AddExtension(x, NID_key_usage, "critical,digitalSignature") &&
      AddExtension(x, NID_ext_key_usage, "critical,timeStamping") &&
      AddExtension(x, NID_subject_key_identifier, "hash") && X509_sign(x, key, EVP_sha256()) > 0;
  if (!made) certificate.reset();
  return certificate;
}

ASN1_INTEGER* NextSerial(TS_RESP_CTX* context, void*) {
  ASN1_INTEGER* serial = ASN1_INTEGER_new();
  if (serial != nullptr && SetRandomSerial(serial)) return serial;
  ASN1_INTEGER_free(serial);
  TS_RESP_CTX_set_status_info(context, TS_STATUS_REJECTION, "no serial number");
  return nullptr;
}

int StatedTime(TS_RESP_CTX*, void* data, long* seconds, long* micros) {
  *seconds = static_cast<long>(std::time(nullptr)) + *static_cast<long*>(data);
  *micros = 0;
  return 1;
}

absl::StatusOr<std::string> Encode(TS_RESP* response) {
  std::string der = ToDer<i2d_TS_RESP>(response);
  if (der.empty()) return OpensslError("cannot encode a reply");
  return der;
}

// OpenSSL has no hook to refuse a good request, so this reply is put together by hand.
absl::StatusOr<std::string> Rejection() {
  std::unique_ptr<TS_RESP, OpensslFree<TS_RESP_free>> response(TS_RESP_new());
  std::unique_ptr<TS_STATUS_INFO, OpensslFree<TS_STATUS_INFO_free>> status(TS_STATUS_INFO_new());
  if (!response || !status || TS_STATUS_INFO_set_status(status.get(), TS_STATUS_REJECTION) != 1 ||
      TS_RESP_set_status_info(response.get(), status.get()) != 1) {
    return OpensslError("cannot make a rejection");
  }
  return Encode(response.get());
}

}  // namespace

absl::StatusOr<TimeStampAuthority> TimeStampAuthority::Open(const std::string& dir) {
  const std::string key_path = absl::StrCat(dir, "/tsa.key");
  const std::string certificate_path = absl::StrCat(dir, "/tsa.pem");
  FilePtr key_file = OpenFile(key_path, O_RDONLY, "r");
  FilePtr certificate_file = OpenFile(certificate_path, O_RDONLY, "r");
  if (!key_file || !certificate_file) return Make(key_path, certificate_path);
  TimeStampAuthority authority;
  authority.key_.reset(PEM_read_PrivateKey(key_file.get(), nullptr, nullptr, nullptr));
  authority.certificate_.reset(PEM_read_X509(certificate_file.get(), nullptr, nullptr, nullptr));
  if (!authority.key_) return OpensslError(key_path);
  if (!authority.certificate_) return OpensslError(certificate_path);
  if (X509_check_private_key(authority.certificate_.get(), authority.key_.get()) != 1) {
    return OpensslError(absl::StrCat(certificate_path, " does not belong to ", key_path));
  }
  return authority;
}

absl::StatusOr<TimeStampAuthority> TimeStampAuthority::Make(const std::string& key_path,
                                                            const std::string& certificate_path) {
  TimeStampAuthority authority;
  authority.key_.reset(EVP_EC_gen("P-256"));
  if (!authority.key_) return OpensslError("cannot make a key");
  authority.certificate_ = SelfSigned(authority.key_.get());
  if (!authority.certificate_) return OpensslError("cannot make a certificate");
  const FilePtr key_file = OpenFile(key_path, O_WRONLY | O_CREAT | O_TRUNC, "w");
  const FilePtr certificate_file = OpenFile(certificate_path, O_WRONLY | O_CREAT | O_TRUNC, "w");
  if (!key_file || !certificate_file ||
      PEM_write_PrivateKey(key_file.get(), authority.key_.get(), nullptr, nullptr, 0, nullptr,
                           nullptr) != 1 ||
      PEM_write_X509(certificate_file.get(), authority.certificate_.get()) != 1 ||
      std::fflush(key_file.get()) != 0 || std::fflush(certificate_file.get()) != 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot write ", key_path, " and ", certificate_path));
  }
  return authority;
}

absl::StatusOr<std::string> TimeStampAuthority::Reply(std::string_view request,
                                                      const Lies& lies) const {
  if (lies.refuse) return Rejection();
  std::unique_ptr<TS_RESP_CTX, OpensslFree<TS_RESP_CTX_free>> context(TS_RESP_CTX_new());
  TS_RESP_CTX* c = context.get();
  std::unique_ptr<ASN1_OBJECT, OpensslFree<ASN1_OBJECT_free>> policy(OBJ_txt2obj(kPolicy, 1));
  if (c == nullptr || !policy || TS_RESP_CTX_set_signer_cert(c, certificate_.get()) != 1 ||
      TS_RESP_CTX_set_signer_key(c, key_.get()) != 1 ||
      TS_RESP_CTX_set_signer_digest(c, EVP_sha256()) != 1 ||
      TS_RESP_CTX_set_ess_cert_id_digest(c, EVP_sha256()) != 1 ||
      TS_RESP_CTX_set_def_policy(c, policy.get()) != 1 ||
      TS_RESP_CTX_add_md(c, EVP_sha256()) != 1 || TS_RESP_CTX_set_accuracy(c, 1, 0, 0) != 1) {
    return OpensslError("cannot prepare a time-stamp");
  }
  long offset = lies.clock_offset_seconds;
  TS_RESP_CTX_set_time_cb(c, StatedTime, &offset);
  TS_RESP_CTX_set_serial_cb(c, NextSerial, nullptr);
  BioPtr in = ReadBio(request);
  if (!in) return OpensslError("out of memory");
  std::unique_ptr<TS_RESP, OpensslFree<TS_RESP_free>> response(
      TS_RESP_create_response(c, in.get()));
  if (!response) return OpensslError("cannot make a time-stamp");
  ERR_clear_error();  // a refused request leaves its reason there
  return Encode(response.get());
}

}  // namespace tom
