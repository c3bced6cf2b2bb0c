#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"
#include "httvps/identity/document.hpp"
#include "httvps/identity/signing_key.hpp"

namespace httvps::identity {

inline constexpr std::size_t knock_limit = 4096;
inline constexpr std::size_t tls_exporter_size = 32;
inline constexpr std::string_view tls_exporter_label = "EXPORTER-Channel-Binding";

using tls_exporter = base::byte_array<tls_exporter_size>;

struct channel_binding {
  std::string gateway_id;
  tls_exporter exporter{};
};

struct access_knock {
  std::string token;
  signature proof{};
};

struct ticket_knock {
  std::string ticket;
  public_key device_key;
  signature proof{};
};

using knock = std::variant<access_knock, ticket_knock>;

struct verified_ticket {
  ticket_claims claims;
  public_key device_key;
};

base::result<std::string> build_access_knock(std::string_view token, const signing_key& device,
                                             const channel_binding& binding);
base::result<std::string> build_ticket_knock(std::string_view ticket, const signing_key& device,
                                             const channel_binding& binding);
base::result<knock> parse_knock(std::string_view cookie_value);
base::result<verified_access> verify_knock(const access_knock& presented,
                                           const channel_binding& binding,
                                           const document_check& check);
base::result<verified_ticket> verify_knock(const ticket_knock& presented,
                                           const channel_binding& binding,
                                           const document_check& check);

}
