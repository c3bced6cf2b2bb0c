#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include "httvps/backend/models/enrolment_code.hpp"
#include "httvps/backend/models/id.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::backend::schemas {

bool is_printable_line(std::string_view text) noexcept;
bool is_printable_text(std::string_view text) noexcept;
bool is_token_text(std::string_view text) noexcept;
bool is_region_code(std::string_view text) noexcept;
bool is_country_code(std::string_view text) noexcept;
bool is_host(std::string_view text);
bool is_socket_address(std::string_view text);
bool is_paseto(std::string_view text) noexcept;
bool is_lower_hex(std::string_view text) noexcept;
bool is_email(std::string_view text) noexcept;
std::optional<std::chrono::sys_days> read_day(std::string_view text) noexcept;
bool is_day(std::string_view text) noexcept;
bool is_month(std::string_view text) noexcept;
bool is_cipher(std::string_view text) noexcept;
bool is_hex(std::string_view text) noexcept;
bool is_label_text(std::string_view text) noexcept;
bool is_key_name(std::string_view text) noexcept;
bool is_scope(std::string_view text) noexcept;
std::optional<base::system_time> parse_moment(std::string_view text) noexcept;
bool is_base64url_of(std::string_view text, std::size_t size);

struct any_text {
  static constexpr std::string_view name = "";
  static constexpr std::string_view pattern = "";
  static constexpr std::string_view description = "";
  static bool accepts(std::string_view) noexcept { return true; }
};

struct printable_line {
  static constexpr std::string_view name = "";
  static constexpr std::string_view pattern = "^[^\\u0000-\\u001f\\u007f]*$";
  static constexpr std::string_view description = "One line of text without control characters.";
  static bool accepts(std::string_view text) noexcept { return is_printable_line(text); }
};

struct printable_text {
  static constexpr std::string_view name = "";
  static constexpr std::string_view pattern = "^[^\\u0000-\\u0009\\u000b-\\u001f\\u007f]*$";
  static constexpr std::string_view description = "Text; of the control characters only new lines.";
  static bool accepts(std::string_view text) noexcept { return is_printable_text(text); }
};

struct region_format {
  static constexpr std::string_view name = "region";
  static constexpr std::string_view pattern = "^[a-z0-9][a-z0-9-]*$";
  static constexpr std::string_view description =
      "Region code: lower-case letters, digits, dashes.";
  static bool accepts(std::string_view text) noexcept { return is_region_code(text); }
};

struct optional_region_format {
  static constexpr std::string_view name = "region";
  static constexpr std::string_view pattern = "^([a-z0-9][a-z0-9-]*)?$";
  static constexpr std::string_view description =
      "Region code, or empty for the region of the gateway that asks.";
  static bool accepts(std::string_view text) noexcept {
    return text.empty() || is_region_code(text);
  }
};

struct country_format {
  static constexpr std::string_view name = "country";
  static constexpr std::string_view pattern = "^[A-Z]{2}$";
  static constexpr std::string_view description = "Country as two capitals of ISO 3166-1.";
  static bool accepts(std::string_view text) noexcept { return is_country_code(text); }
};

struct host_format {
  static constexpr std::string_view name = "host";
  static constexpr std::string_view pattern =
      "^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za"
      "-z0-9-]{0,61}[A-Za-z0-9])?)*|(([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,"
      "4}|([0-9A-Fa-f]{1,4}:){1,6}:[0-9A-Fa-f]{1,4}|:(:[0-9A-Fa-f]{1,4}){"
      "1,7}))$";
  static constexpr std::string_view description = "Host name or IP address.";
  static bool accepts(std::string_view text) { return is_host(text); }
};

struct address_format {
  static constexpr std::string_view name = "ip-port";
  static constexpr std::string_view pattern =
      "^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])([.](25[0-5]|2[0-4][0"
      "-9]|1[0-9]{2}|[1-9]?[0-9])){3}|\\[(([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-"
      "f]{1,4}|([0-9A-Fa-f]{1,4}:){1,6}:[0-9A-Fa-f]{1,4}|:(:[0-9A-Fa-f]{1"
      ",4}){1,7})\\]):([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-"
      "4][0-9]{2}|655[0-2][0-9]|6553[0-5])$";
  static constexpr std::string_view description = "IP address and port, IPv6 in square brackets.";
  static bool accepts(std::string_view text) { return is_socket_address(text); }
};

struct paseto_format {
  static constexpr std::string_view name = "paseto";
  static constexpr std::string_view pattern = "^v4[.]public[.][A-Za-z0-9_.-]*$";
  static constexpr std::string_view description = "Signed document in the form v4.public.";
  static bool accepts(std::string_view text) noexcept { return is_paseto(text); }
};

struct hex_format {
  static constexpr std::string_view name = "hex";
  static constexpr std::string_view pattern = "^[0-9a-f]*$";
  static constexpr std::string_view description = "Lower-case hexadecimal digits.";
  static bool accepts(std::string_view text) noexcept { return is_lower_hex(text); }
};

struct email_format {
  static constexpr std::string_view name = "mailbox";
  static constexpr std::string_view pattern = "^[!-?A-~]+@[!-?A-~]+$";
  static constexpr std::string_view description = "E-mail address.";
  static bool accepts(std::string_view text) noexcept { return is_email(text); }
};

struct day_format {
  static constexpr std::string_view name = "date";
  static constexpr std::string_view pattern =
      "^(19[7-9][0-9]|20[0-9]{2}|21[0-9]{2})-((0[13578]|1[02])-(0[1-9]|[1"
      "2][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]"
      "|2[0-9]))$";
  static constexpr std::string_view description = "UTC day as YYYY-MM-DD.";
  static bool accepts(std::string_view text) noexcept { return is_day(text); }
};

struct month_format {
  static constexpr std::string_view name = "month";
  static constexpr std::string_view pattern =
      "^(19[7-9][0-9]|20[0-9]{2}|21[0-9]{2})-(0[1-9]|1[0-2])$";
  static constexpr std::string_view description = "UTC month as YYYY-MM.";
  static bool accepts(std::string_view text) noexcept { return is_month(text); }
};

struct cipher_format {
  static constexpr std::string_view name = "cipher";
  static constexpr std::string_view pattern = "^(chacha20-ietf-poly1305|aes-256-gcm|aes-128-gcm)$";
  static constexpr std::string_view description =
      "chacha20-ietf-poly1305, aes-256-gcm or aes-128-gcm.";
  static bool accepts(std::string_view text) noexcept { return is_cipher(text); }
};

struct any_hex_format {
  static constexpr std::string_view name = "hex";
  static constexpr std::string_view pattern = "^[0-9A-Fa-f]*$";
  static constexpr std::string_view description = "Hexadecimal digits.";
  static bool accepts(std::string_view text) noexcept { return is_hex(text); }
};

struct label_format {
  static constexpr std::string_view name = "label";
  static constexpr std::string_view pattern = "^[a-z0-9_]*$";
  static constexpr std::string_view description = "Lower-case letters, digits and underscores.";
  static bool accepts(std::string_view text) noexcept { return is_label_text(text); }
};

struct key_name_format {
  static constexpr std::string_view name = "key-id";
  static constexpr std::string_view pattern = "^[A-Za-z0-9._-]*$";
  static constexpr std::string_view description = "Letters, digits, dots, dashes, underscores.";
  static bool accepts(std::string_view text) noexcept { return is_key_name(text); }
};

struct enrolment_code_format {
  static constexpr std::string_view name = "enrolment-code";
  static constexpr std::string_view pattern = "^([0-9A-TV-Za-tv-z][ -]*){10}$";
  static constexpr std::string_view description =
      "Ten symbols of Crockford's base32, dashes and spaces between them.";
  static bool accepts(std::string_view text) {
    return models::canonical_enrolment_code(text).has_value();
  }
};

struct page_token_format {
  static constexpr std::string_view name = "";
  static constexpr std::string_view pattern = "^[A-Za-z0-9_-]*$";
  static constexpr std::string_view description = "What next_page_token said; empty for the start.";
  static bool accepts(std::string_view) noexcept { return true; }
};

struct scope_format {
  static constexpr std::string_view name = "scope";
  static constexpr std::string_view pattern = "^[a-z0-9][a-z0-9-]*:(read|write)$";
  static constexpr std::string_view description =
      "Resource, colon, read or write, such as users:read.";
  static bool accepts(std::string_view text) noexcept { return is_scope(text); }
};

constexpr std::string_view base64url_pattern(std::size_t size) noexcept {
  switch (size % 3) {
    case 1:
      return "^[A-Za-z0-9_-]*[AQgw]$";
    case 2:
      return "^[A-Za-z0-9_-]*[AEIMQUYcgkosw048]$";
    default:
      return "^[A-Za-z0-9_-]*$";
  }
}

template <std::size_t Size>
struct base64url_of {
  static constexpr std::string_view name = "base64url";
  static constexpr std::string_view pattern = base64url_pattern(Size);
  static constexpr std::string_view description = "Bytes in base64url without padding.";
  static bool accepts(std::string_view text) { return is_base64url_of(text, Size); }
};

}
