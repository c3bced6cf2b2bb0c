#include "common/error.hpp"

namespace httvps::bench {
namespace {

constexpr base::error_entry entries[] = {
    {static_cast<int>(errc::invalid_option), "invalid_option",
     "An option is unknown, has no value or has a value out of range."},
    {static_cast<int>(errc::invalid_endpoint), "invalid_endpoint",
     "An address is not of the form IPv4:PORT."},
    {static_cast<int>(errc::socket_failed), "socket_failed",
     "A socket could not be made, bound or watched."},
    {static_cast<int>(errc::connect_failed), "connect_failed", "The connection was not accepted."},
    {static_cast<int>(errc::proxy_refused), "proxy_refused",
     "The proxy refused the target or did not speak its protocol."},
    {static_cast<int>(errc::head_too_long), "head_too_long", "An HTTP head is over 4 KiB."},
    {static_cast<int>(errc::malformed_head), "malformed_head", "An HTTP head cannot be read."},
    {static_cast<int>(errc::unexpected_status), "unexpected_status",
     "The origin answered with a status other than 200 or 206."},
    {static_cast<int>(errc::wrong_length), "wrong_length",
     "More or fewer bytes arrived than were sent."},
    {static_cast<int>(errc::closed_early), "closed_early",
     "The connection ended before its last byte."},
    {static_cast<int>(errc::send_failed), "send_failed", "Sending failed."},
    {static_cast<int>(errc::timed_out), "timed_out", "The time limit ran out."},
    {static_cast<int>(errc::cipher_failed), "cipher_failed", "OpenSSL refused a cipher operation."},
    {static_cast<int>(errc::forged_record), "forged_record",
     "An encrypted record does not match its tag."},
};

const base::error_table table("bench", entries);

}

const base::error_table& bench_errors() noexcept {
  return table;
}

std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), table};
}

}
