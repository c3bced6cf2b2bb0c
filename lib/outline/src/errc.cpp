#include "httvps/outline/errc.hpp"

namespace httvps::outline {
namespace {

using enum errc;

constexpr base::error_entry entries[] = {
    {static_cast<int>(access_invalid), "access_invalid",
     "The address or the certificate digest of the management API is not valid."},
    {static_cast<int>(argument_invalid), "argument_invalid",
     "What was to be sent to the Outline server is outside of its bounds."},
    {static_cast<int>(unreachable), "unreachable",
     "The management API of the Outline server cannot be reached."},
    {static_cast<int>(timed_out), "timed_out", "The management API did not answer in time."},
    {static_cast<int>(tls_failed), "tls_failed",
     "The management API does not speak TLS as it must."},
    {static_cast<int>(pin_mismatch), "pin_mismatch",
     "The certificate of the management API is not the pinned one."},
    {static_cast<int>(closed_early), "closed_early",
     "The management API closed the connection before its answer was complete."},
    {static_cast<int>(answer_too_large), "answer_too_large",
     "The answer of the management API is longer than allowed."},
    {static_cast<int>(answer_malformed), "answer_malformed",
     "The answer of the management API cannot be read."},
    {static_cast<int>(answer_unexpected), "answer_unexpected",
     "The management API answered with a status that it never gives here."},
    {static_cast<int>(access_refused), "access_refused",
     "The management API does not know the secret path."},
    {static_cast<int>(key_not_found), "key_not_found",
     "The Outline server has no access key with this id."},
    {static_cast<int>(argument_refused), "argument_refused",
     "The Outline server did not accept an argument."},
    {static_cast<int>(port_in_use), "port_in_use",
     "The port is used by another service of the Outline server."},
    {static_cast<int>(password_in_use), "password_in_use",
     "Another access key of the Outline server has this password."},
    {static_cast<int>(key_exists), "key_exists",
     "The Outline server has an access key with this id already."},
    {static_cast<int>(conflict), "conflict",
     "The Outline server found a conflict that it did not name."},
    {static_cast<int>(server_failed), "server_failed",
     "The Outline server failed while it handled the request."},
};

const base::error_table table("outline_management", entries);

}

const base::error_table& outline_errors() noexcept {
  return table;
}

std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), table};
}

}
