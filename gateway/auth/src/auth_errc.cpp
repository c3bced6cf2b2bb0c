#include "httvps/gateway/auth/auth_errc.hpp"

namespace httvps::gateway {
namespace {

constexpr base::error_entry entries[] = {
    {static_cast<int>(auth_errc::tls_too_old), "tls_too_old",
     "The connection is below TLS 1.3, where no knock counts."},
    {static_cast<int>(auth_errc::other_path), "other_path",
     "The request is for another path than the gateway's own."},
    {static_cast<int>(auth_errc::no_upgrade), "no_upgrade",
     "The request is no well-formed WebSocket upgrade."},
    {static_cast<int>(auth_errc::cookie_header_too_long), "cookie_header_too_long",
     "The Cookie header is longer than its limit."},
    {static_cast<int>(auth_errc::no_knock), "no_knock",
     "The request carries no cookie of the gateway's name."},
    {static_cast<int>(auth_errc::several_knocks), "several_knocks",
     "The request carries the gateway's cookie more than once."},
    {static_cast<int>(auth_errc::device_revoked), "device_revoked",
     "The device was revoked by the operator."},
    {static_cast<int>(auth_errc::revocations_full), "revocations_full",
     "The set of revoked devices is full."},
};

const base::error_table table("gateway_auth", entries);

}

const base::error_table& auth_errors() noexcept {
  return table;
}

std::error_code make_error_code(auth_errc code) noexcept {
  return {static_cast<int>(code), table};
}

}
