#include "httvps/identity/errc.hpp"

namespace httvps::identity {
namespace {

constexpr base::error_entry entries[] = {
    {static_cast<int>(errc::too_long), "too_long",
     "A token, cookie, header or link is longer than its limit."},
    {static_cast<int>(errc::token_invalid), "token_invalid",
     "The text is not a well-formed v4.public token."},
    {static_cast<int>(errc::token_expired), "token_expired",
     "The access token has expired and no grace applies."},
    {static_cast<int>(errc::token_not_yet_valid), "token_not_yet_valid",
     "The document was issued in the future; a clock is wrong."},
    {static_cast<int>(errc::signature_invalid), "signature_invalid",
     "The signature does not fit the content and the key."},
    {static_cast<int>(errc::wrong_context), "wrong_context",
     "The document was signed for another purpose."},
    {static_cast<int>(errc::unknown_key), "unknown_key",
     "The document names a key that is not in the key set."},
    {static_cast<int>(errc::key_set_expired), "key_set_expired",
     "The key set is past its last day and must be renewed."},
    {static_cast<int>(errc::key_set_rollback), "key_set_rollback",
     "The key set is older than the one already known."},
    {static_cast<int>(errc::claims_invalid), "claims_invalid",
     "The signed content lacks a member or has one out of bounds."},
    {static_cast<int>(errc::wrong_gateway), "wrong_gateway",
     "The token or ticket is for another gateway."},
    {static_cast<int>(errc::ticket_expired), "ticket_expired",
     "The enrolment ticket has expired; ask for a new link."},
    {static_cast<int>(errc::config_expired), "config_expired",
     "The client configuration is past its last day."},
    {static_cast<int>(errc::knock_invalid), "knock_invalid",
     "The knock cookie does not have the expected parts."},
    {static_cast<int>(errc::proof_invalid), "proof_invalid",
     "The proof was not made by the device key for this connection or request."},
    {static_cast<int>(errc::proof_expired), "proof_expired",
     "The proof was made too long ago or in the future; a clock is wrong."},
    {static_cast<int>(errc::link_invalid), "link_invalid",
     "The text is not a well-formed enrolment link."},
    {static_cast<int>(errc::key_invalid), "key_invalid",
     "The key is not a well-formed 32-byte key."},
    {static_cast<int>(errc::key_file_missing), "key_file_missing", "The key file does not exist."},
    {static_cast<int>(errc::key_file_exists), "key_file_exists",
     "The key file exists already and is never overwritten."},
    {static_cast<int>(errc::key_file_exposed), "key_file_exposed",
     "The key file belongs to another user or others may read it; run chmod 600."},
    {static_cast<int>(errc::key_file_invalid), "key_file_invalid",
     "The key file is empty, too large or of another kind."},
    {static_cast<int>(errc::sealed_box_invalid), "sealed_box_invalid",
     "The sealed box was not made for this key or was changed."},
    {static_cast<int>(errc::sealed_stream_invalid), "sealed_stream_invalid",
     "The sealed stream was changed, was cut within a part, or is of another kind."},
    {static_cast<int>(errc::sealed_stream_foreign), "sealed_stream_foreign",
     "The sealed stream was made for another key."},
    {static_cast<int>(errc::sealed_stream_cut), "sealed_stream_cut",
     "The sealed stream ends before its last part."},
    {static_cast<int>(errc::sealed_record_invalid), "sealed_record_invalid",
     "The sealed record was changed, was cut, or was made for another key or place."},
};

const base::error_table table("identity", entries);

}

const base::error_table& identity_errors() noexcept {
  return table;
}

std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), table};
}

}
