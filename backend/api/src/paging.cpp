#include "paging.hpp"

#include <algorithm>

#include "httvps/backend/services/errc.hpp"
#include "httvps/base/encoding.hpp"

namespace httvps::backend::api {
namespace {

constexpr std::uint32_t usual_page = 50;
constexpr std::uint32_t largest_page = 1000;

}

answer<models::page_request> to_page_request(const std::optional<page_size>& size,
                                             const std::optional<schemas::page_token>& token) {
  models::page_request wanted{.after = "", .size = usual_page};
  if (size) {
    wanted.size = std::min(size->as<std::uint32_t>(), largest_page);
  }
  if (token && !token->value.empty()) {
    const auto bytes = base::from_base64url(token->value);
    if (!bytes || !base::is_valid_utf8(base::as_text(*bytes))) {
      return std::unexpected(problem(services::errc::page_token_invalid));
    }
    wanted.after = base::as_text(*bytes);
  }
  return wanted;
}

schemas::page_token to_page_token(const std::string& last_key) {
  return base::to_base64url(base::as_bytes(last_key));
}

}
