// Hosts and the authorisations they enrolled under.
#include "collector/store/sqlite_session.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kHosts[] =
    "SELECT id, host, system, kind, controllers, spki, authorisation, enrolment, enrolled_leaf, "
    "retired_leaf, certificate FROM host ORDER BY id";
constexpr char kHost[] =
    "SELECT id, host, system, kind, controllers, spki, authorisation, enrolment, enrolled_leaf, "
    "retired_leaf, certificate FROM host WHERE host = ?";
constexpr char kByEnrolment[] =
    "SELECT id, host, system, kind, controllers, spki, authorisation, enrolment, enrolled_leaf, "
    "retired_leaf, certificate FROM host WHERE enrolment = ?";
constexpr char kByToken[] =
    "SELECT digest, token, systems, controllers, kind, uses, spent, expires FROM authorisation "
    "WHERE token = ?";
constexpr char kByStatement[] =
    "SELECT digest, token, systems, controllers, kind, uses, spent, expires FROM authorisation "
    "WHERE digest = ?";

HostRow ReadHost(Query& row) {
  HostRow host;
  host.id = row.Int(0);
  host.host = HexEncode(row.Text(1));
  host.system = row.Text(2);
  host.kind = row.Text(3);
  host.controllers = SplitSet(row.Text(4));
  host.identity_spki = row.Text(5);
  host.authorisation = row.DigestAt(6);
  host.enrolment = row.DigestAt(7);
  host.enrolled_leaf = row.Int(8);
  host.retired_leaf = row.MaybeInt(9);
  host.tls_certificate = row.Text(10);
  return host;
}

absl::StatusOr<HostRow> OneHost(Query& query, std::string_view what) {
  if (!query.Next()) {
    TOM_RETURN_IF_ERROR(query.status());
    return absl::NotFoundError(ToAbsl("no host " + std::string(what)));
  }
  HostRow host = ReadHost(query);
  TOM_RETURN_IF_ERROR(query.status());
  return host;
}

absl::StatusOr<AuthorisationRow> OneAuthorisation(Query& row) {
  if (!row.Next()) {
    TOM_RETURN_IF_ERROR(row.status());
    return absl::NotFoundError("no such enrolment authorisation");
  }
  AuthorisationRow found;
  found.digest = row.DigestAt(0);
  found.token = row.DigestAt(1);
  found.systems = row.Text(2);
  found.controllers = SplitSet(row.Text(3));
  found.kind = row.Text(4);
  found.uses = row.Int(5);
  found.spent = row.Int(6);
  found.expires = row.Int(7);
  TOM_RETURN_IF_ERROR(row.status());
  return found;
}

std::optional<int64_t> Signed(const std::optional<uint64_t>& value) {
  if (!value) return std::nullopt;
  return static_cast<int64_t>(*value);
}

}  // namespace

absl::StatusOr<std::vector<HostRow>> SqliteSession::Hosts() const {
  std::vector<HostRow> hosts;
  Query query(db_, kHosts);
  while (query.Next()) hosts.push_back(ReadHost(query));
  TOM_RETURN_IF_ERROR(query.status());
  return hosts;
}

absl::StatusOr<HostRow> SqliteSession::Host(std::string_view host) const {
  TOM_ASSIGN_OR_RETURN(const std::string raw, HexDecode(host));
  Query query(db_, kHost);
  query.Add(Raw{raw});
  return OneHost(query, host);
}

absl::StatusOr<HostRow> SqliteSession::HostByEnrolment(const Digest& enrolment) const {
  Query query(db_, kByEnrolment);
  query.Add(enrolment);
  return OneHost(query, "of enrolment " + enrolment.Hex());
}

absl::StatusOr<AuthorisationRow> SqliteSession::AuthorisationByToken(const Digest& token) const {
  Query query(db_, kByToken);
  query.Add(token);
  return OneAuthorisation(query);
}

absl::StatusOr<AuthorisationRow> SqliteSession::AuthorisationByStatement(
    const Digest& digest) const {
  Query query(db_, kByStatement);
  query.Add(digest);
  return OneAuthorisation(query);
}

absl::StatusOr<int64_t> SqliteSession::EnrolledUnder(const Digest& authorisation,
                                                     std::string_view system) const {
  Query query(db_, "SELECT count(*) FROM host WHERE authorisation = ? AND system = ?");
  query.Add(authorisation).Add(system);
  if (!query.Next()) return query.status();
  return query.Int(0);
}

absl::Status SqliteSession::AddHost(HostRow& host) {
  TOM_ASSIGN_OR_RETURN(const std::string raw, HexDecode(host.host));
  Query add(db_,
            "INSERT INTO host(host, system, kind, controllers, spki, authorisation, enrolment, "
            "enrolled_leaf, retired_leaf, certificate) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  add.Add(Raw{raw}).Add(host.system).Add(host.kind).Add(JoinSet(host.controllers));
  add.Add(Raw{host.identity_spki}).Add(host.authorisation).Add(host.enrolment);
  add.Add(static_cast<int64_t>(host.enrolled_leaf)).Add(Signed(host.retired_leaf));
  TOM_RETURN_IF_ERROR(add.Add(Raw{host.tls_certificate}).Run());
  host.id = db_.LastId();
  return absl::OkStatus();
}

absl::Status SqliteSession::UpdateHost(const HostRow& host) {
  Query update(db_,
               "UPDATE host SET controllers = ?, spki = ?, retired_leaf = ?, certificate = ? "
               "WHERE id = ?");
  update.Add(JoinSet(host.controllers)).Add(Raw{host.identity_spki}).Add(Signed(host.retired_leaf));
  return update.Add(Raw{host.tls_certificate}).Add(host.id).Run();
}

absl::Status SqliteSession::AddAuthorisation(const AuthorisationRow& row) {
  Query add(db_,
            "INSERT INTO authorisation(digest, token, systems, controllers, kind, uses, spent, "
            "expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  add.Add(row.digest).Add(row.token).Add(row.systems).Add(JoinSet(row.controllers)).Add(row.kind);
  return add.Add(row.uses).Add(row.spent).Add(row.expires).Run();
}

absl::Status SqliteSession::SpendAuthorisation(const Digest& digest) {
  Query spend(db_, "UPDATE authorisation SET spent = spent + 1 WHERE digest = ? AND spent < uses");
  TOM_RETURN_IF_ERROR(spend.Add(digest).Run());
  if (db_.Changes() != 1) return absl::OutOfRangeError("token spent");
  return absl::OkStatus();
}

}  // namespace tom
