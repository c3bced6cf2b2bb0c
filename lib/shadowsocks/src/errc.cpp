#include "httvps/shadowsocks/errc.hpp"

namespace httvps::shadowsocks {
namespace {

constexpr base::error_entry entries[] = {
    {static_cast<int>(errc::key_too_long), "key_too_long",
     "The access key is longer than 2048 bytes."},
    {static_cast<int>(errc::not_an_access_key), "not_an_access_key",
     "The text is not an ss:// access key."},
    {static_cast<int>(errc::malformed_userinfo), "malformed_userinfo",
     "The access key does not hold method:password before the @ sign."},
    {static_cast<int>(errc::unknown_method), "unknown_method",
     "The access key names a cipher that is not supported."},
    {static_cast<int>(errc::empty_password), "empty_password", "The access key has no password."},
    {static_cast<int>(errc::malformed_host), "malformed_host",
     "The host of the access key is neither a name nor an IP address."},
    {static_cast<int>(errc::malformed_port), "malformed_port",
     "The access key needs a port from 1 to 65535."},
    {static_cast<int>(errc::malformed_query), "malformed_query",
     "The parameters of the access key are malformed or repeated."},
    {static_cast<int>(errc::plugin_refused), "plugin_refused",
     "The access key needs a plugin, and plugins are not supported."},
    {static_cast<int>(errc::malformed_prefix), "malformed_prefix",
     "The prefix of the access key holds characters above U+00FF."},
    {static_cast<int>(errc::prefix_too_long), "prefix_too_long",
     "The prefix of the access key is too long for the salt of its cipher."},
    {static_cast<int>(errc::malformed_tag), "malformed_tag",
     "The tag of the access key is not printable text."},
    {static_cast<int>(errc::malformed_target), "malformed_target",
     "The target needs a name of 1 to 255 bytes or an address, and a port."},
    {static_cast<int>(errc::malformed_salt), "malformed_salt",
     "The salt has not the size that the cipher wants."},
    {static_cast<int>(errc::payload_empty), "payload_empty", "A chunk needs at least one byte."},
    {static_cast<int>(errc::payload_too_long), "payload_too_long",
     "A chunk holds at most 16383 bytes."},
    {static_cast<int>(errc::output_too_small), "output_too_small",
     "The output is smaller than the sealed chunk."},
    {static_cast<int>(errc::tag_mismatch), "tag_mismatch",
     "The peer's bytes do not match their tag: a wrong key or changed bytes."},
    {static_cast<int>(errc::chunk_empty), "chunk_empty", "The peer sent a chunk without bytes."},
    {static_cast<int>(errc::chunk_too_long), "chunk_too_long",
     "The peer sent a chunk of more than 16383 bytes."},
    {static_cast<int>(errc::salt_reflected), "salt_reflected",
     "The peer answered with the salt of the request."},
    {static_cast<int>(errc::out_of_memory), "out_of_memory",
     "There is no memory for a partial chunk."},
    {static_cast<int>(errc::crypto_failure), "crypto_failure",
     "The cryptographic library refused a call."},
    {static_cast<int>(errc::packet_too_short), "packet_too_short",
     "The packet is shorter than its salt and tag."},
    {static_cast<int>(errc::packet_too_long), "packet_too_long",
     "A sealed packet has at most 65507 bytes."},
    {static_cast<int>(errc::unknown_engine), "unknown_engine",
     "The AEAD engine is auto, openssl or ipsec-mb."},
    {static_cast<int>(errc::engine_unavailable), "engine_unavailable",
     "The AEAD engine ipsec-mb needs a processor with AVX-512, VAES and VPCLMULQDQ."},
};

const base::error_table table("shadowsocks", entries);

}

const base::error_table& shadowsocks_errors() noexcept {
  return table;
}

std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), table};
}

}
