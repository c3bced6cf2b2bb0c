#include "httvps/identity/paseto.hpp"

#include <algorithm>

#include "httvps/base/encoding.hpp"
#include "httvps/identity/errc.hpp"

namespace httvps::identity {
namespace {

constexpr std::size_t length_size = 8;

void append_length(base::byte_vector& to, std::uint64_t length) {
  length &= 0x7fff'ffff'ffff'ffffU;
  for (std::size_t i = 0; i < length_size; ++i) {
    to.push_back(static_cast<std::uint8_t>(length >> (8 * i)));
  }
}

base::byte_vector bytes_to_sign(const paseto_content& content) {
  const std::string_view pieces[] = {paseto_header, content.payload, content.footer,
                                     content.implicit_assertion};
  return pre_authentication_encode(pieces);
}

base::result<std::string> decode_part(std::string_view text) {
  const auto bytes = base::from_base64url(text);
  if (!bytes) {
    return base::fail(errc::token_invalid);
  }
  return std::string(base::as_text(*bytes));
}

}

base::byte_vector pre_authentication_encode(std::span<const std::string_view> pieces) {
  std::size_t total = length_size * (pieces.size() + 1);
  for (const auto piece : pieces) {
    total += piece.size();
  }
  base::byte_vector encoded;
  encoded.reserve(total);
  append_length(encoded, pieces.size());
  for (const auto piece : pieces) {
    append_length(encoded, piece.size());
    base::append(encoded, base::as_bytes(piece));
  }
  return encoded;
}

std::string sign_paseto(const signing_key& key, const paseto_content& content) {
  const auto proof = key.sign(bytes_to_sign(content));
  base::byte_vector body;
  base::append(body, base::as_bytes(content.payload));
  base::append(body, proof);
  std::string token(paseto_header);
  token += base::to_base64url(body);
  if (!content.footer.empty()) {
    token += '.';
    token += base::to_base64url(base::as_bytes(content.footer));
  }
  return token;
}

base::result<parsed_paseto> parse_paseto(std::string_view token, std::size_t limit) {
  if (token.size() > limit) {
    return base::fail(errc::too_long);
  }
  if (!token.starts_with(paseto_header)) {
    return base::fail(errc::token_invalid);
  }
  token.remove_prefix(paseto_header.size());
  const auto dot = token.find('.');
  const bool has_footer = dot != std::string_view::npos;
  HTTVPS_TRY(auto body, decode_part(token.substr(0, dot)));
  HTTVPS_TRY(auto footer, decode_part(has_footer ? token.substr(dot + 1) : std::string_view()));
  if (body.size() < signature_size || (has_footer && footer.empty())) {
    return base::fail(errc::token_invalid);
  }
  parsed_paseto parsed{.payload = {}, .footer = std::move(footer), .proof = {}};
  const auto payload_size = body.size() - signature_size;
  std::ranges::copy(base::as_bytes(body).subspan(payload_size), parsed.proof.begin());
  body.resize(payload_size);
  parsed.payload = std::move(body);
  return parsed;
}

base::result<> verify_paseto(const parsed_paseto& token, const public_key& key,
                             std::string_view implicit_assertion) {
  const auto message = bytes_to_sign(
      {.payload = token.payload, .footer = token.footer, .implicit_assertion = implicit_assertion});
  return verify_signature(key, {.message = message, .proof = token.proof});
}

}
