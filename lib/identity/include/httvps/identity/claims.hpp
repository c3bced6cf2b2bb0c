#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/base/bytes.hpp"
#include "httvps/base/clock.hpp"
#include "httvps/base/error.hpp"
#include "httvps/identity/signing_key.hpp"

namespace httvps::identity {

inline constexpr std::chrono::seconds access_token_lifetime = std::chrono::hours(1);
inline constexpr std::chrono::seconds key_set_lifetime = std::chrono::hours(24 * 90);
inline constexpr std::string_view every_gateway = "*";

struct plan_limits {
  std::uint32_t session_limit = 1;
  std::optional<std::uint64_t> up_bps = {};
  std::optional<std::uint64_t> down_bps = {};

  bool operator==(const plan_limits&) const = default;
};

struct access_claims {
  std::string device_id;
  std::string subscription_id;
  public_key device_key;
  std::vector<std::string> gateways;
  std::string region;
  plan_limits plan;
  base::system_time issued;
  base::system_time expires;

  bool allows_gateway(std::string_view gateway_id) const noexcept;
  bool operator==(const access_claims&) const = default;
};

struct ticket_claims {
  std::string ticket_id;
  std::string user_id;
  std::string gateway_id;
  base::system_time expires;
  std::uint32_t uses = 1;

  bool operator==(const ticket_claims&) const = default;
};

struct key_set_claims {
  std::uint64_t version = 1;
  base::system_time not_after;
  std::vector<public_key> keys;
  std::vector<public_key> retired = {};

  bool operator==(const key_set_claims&) const = default;
};

enum class gateway_mode { direct };

using spki_pin = base::byte_array<32>;

struct gateway_entry {
  std::string id;
  std::string host;
  std::vector<std::string> addresses;
  gateway_mode mode = gateway_mode::direct;
  std::vector<spki_pin> pins;
  std::string path;
  std::string cookie;

  bool operator==(const gateway_entry&) const = default;
};

struct config_claims {
  std::uint64_t version = 1;
  base::system_time issued;
  base::system_time not_after;
  std::vector<gateway_entry> gateways;

  bool operator==(const config_claims&) const = default;
};

base::result<std::string> encode_claims(const access_claims& claims);
base::result<std::string> encode_claims(const ticket_claims& claims);
base::result<std::string> encode_claims(const key_set_claims& claims);
base::result<std::string> encode_claims(const config_claims& claims);

base::result<access_claims> decode_access_claims(std::string_view json);
base::result<ticket_claims> decode_ticket_claims(std::string_view json);
base::result<key_set_claims> decode_key_set_claims(std::string_view json);
base::result<config_claims> decode_config_claims(std::string_view json);

}
