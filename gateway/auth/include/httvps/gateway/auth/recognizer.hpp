#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

#include "httvps/base/clock.hpp"
#include "httvps/base/error.hpp"
#include "httvps/gateway/auth/device_standing.hpp"
#include "httvps/identity/claims.hpp"
#include "httvps/identity/key_set.hpp"
#include "httvps/identity/knock.hpp"

namespace httvps::gateway {

inline constexpr std::size_t cookie_header_limit = 8192;

enum class tls_version { below_tls_1_3, tls_1_3 };
enum class websocket_upgrade { absent, malformed, well_formed };

struct carrier_request {
  std::string_view path;
  std::string_view cookie_header;
  websocket_upgrade upgrade = websocket_upgrade::absent;
};

struct tls_facts {
  tls_version version = tls_version::below_tls_1_3;
  identity::tls_exporter exporter{};
};

struct recognition_moment {
  const identity::key_set& keys;
  base::system_time now;
  std::chrono::seconds without_backend{0};
};

struct own_marks {
  std::string gateway_id;
  std::string path;
  std::string cookie;
};

enum class token_grace { none, live_session, offline };

struct not_ours {
  base::error reason;
};

struct device_carrier {
  identity::access_claims claims;
  std::string token;
  token_grace grace = token_grace::none;
};

struct ticket_admission {
  identity::ticket_claims claims;
  identity::public_key device_key;
};

struct control_carrier {
  std::variant<ticket_admission, identity::access_claims> holder;
  std::string token;
};

using recognition = std::variant<not_ours, device_carrier, control_carrier>;

class recognizer {
 public:
  struct standing {
    const validation_history& validated;
    const revocation_set& revoked;
  };

  recognizer(own_marks marks, standing devices);
  recognition recognize(const carrier_request& request, const tls_facts& tls,
                        const recognition_moment& moment) const;

 private:
  base::result<std::string_view> find_knock(const carrier_request& request,
                                            const tls_facts& tls) const;
  recognition admit(const identity::access_knock& presented,
                    const identity::channel_binding& binding,
                    const recognition_moment& moment) const;
  recognition admit(const identity::ticket_knock& presented,
                    const identity::channel_binding& binding,
                    const recognition_moment& moment) const;
  recognition grade(identity::verified_access access, std::string token,
                    const recognition_moment& moment) const;

  own_marks marks_;
  standing devices_;
};

}
