#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"
#include "httvps/wire/types.hpp"

namespace httvps::cli {

enum class socks_command : std::uint8_t { connect = 1, bind = 2, udp_associate = 3 };
enum class authentication_offer : std::uint8_t { none_accepted, password_only };

enum class socks_reply : std::uint8_t {
  succeeded = 0,
  general_failure = 1,
  not_allowed = 2,
  network_unreachable = 3,
  host_unreachable = 4,
  connection_refused = 5,
  command_not_supported = 7,
  address_type_not_supported = 8,
};

struct socks_greeting {
  authentication_offer offer = authentication_offer::none_accepted;
};

struct socks_request {
  socks_command command = socks_command::connect;
  wire::target target;
};

using socks_message = std::variant<socks_greeting, socks_request>;

class socks5_reader {
 public:
  base::result<std::optional<socks_message>> next(base::byte_view& input);
  std::size_t buffered() const noexcept { return filled_; }

 private:
  static constexpr std::size_t longest_request = 4 + 1 + 255 + 2;

  base::result<std::size_t> wanted() const;
  base::result<std::size_t> wanted_by_greeting() const;
  base::result<std::size_t> wanted_by_request() const;
  base::result<socks_message> finish();
  socks_greeting read_greeting() const;
  base::result<socks_request> read_request() const;
  base::result<wire::target> read_target() const;

  bool greeted_ = false;
  std::size_t filled_ = 0;
  base::byte_array<longest_request> buffer_{};
};

using socks_choice = base::byte_array<2>;
using socks_answer = base::byte_array<10>;

socks_choice encode_choice(authentication_offer offer) noexcept;
socks_answer encode_reply(socks_reply code) noexcept;
base::byte_vector encode_success(const wire::target& bound);
socks_reply reply_for(const base::error& failure) noexcept;

}
