#pragma once

#include <span>
#include <string>
#include <string_view>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"
#include "httvps/identity/signing_key.hpp"

namespace httvps::identity {

inline constexpr std::string_view paseto_header = "v4.public.";
inline constexpr std::size_t paseto_limit = 8192;

struct paseto_content {
  std::string_view payload;
  std::string_view footer = {};
  std::string_view implicit_assertion = {};
};

struct parsed_paseto {
  std::string payload;
  std::string footer;
  signature proof{};
};

base::byte_vector pre_authentication_encode(std::span<const std::string_view> pieces);
std::string sign_paseto(const signing_key& key, const paseto_content& content);
base::result<parsed_paseto> parse_paseto(std::string_view token, std::size_t limit = paseto_limit);
base::result<> verify_paseto(const parsed_paseto& token, const public_key& key,
                             std::string_view implicit_assertion);

}
