#pragma once

#include <memory>
#include <optional>
#include <string>

#include "httvps/base/clock.hpp"
#include "httvps/identity/claims.hpp"
#include "httvps/identity/signing_key.hpp"
#include "httvps/net/carrier_link.hpp"
#include "httvps/net/endpoint.hpp"

namespace httvps::sdk {

enum class recognition_kind { access_token, ticket };

struct recognition {
  recognition_kind kind = recognition_kind::access_token;
  std::string document;
  identity::signing_key device;
};

enum class ticket_use { resume, ignore };
enum class carrier_kind { http2, http1 };

struct dial_order {
  identity::gateway_entry gateway;
  recognition proof;
  std::optional<net::endpoint> connect_to = std::nullopt;
  ticket_use tickets = ticket_use::resume;
  carrier_kind kind = carrier_kind::http1;
};

enum class dial_stage { connecting, securing, upgrading };

base::error dial_error(dial_stage stage, const base::error& failure) noexcept;

class carrier_dialer {
 public:
  carrier_dialer();
  carrier_dialer(carrier_dialer&&) noexcept;
  carrier_dialer& operator=(carrier_dialer&&) noexcept;
  ~carrier_dialer();

  net::task<std::unique_ptr<net::carrier_link>> dial(dial_order order, base::steady_time deadline);
  void remember(const std::string& gateway_id, net::carrier_link& carrier);

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}
