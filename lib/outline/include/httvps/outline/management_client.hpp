#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "httvps/base/clock.hpp"
#include "httvps/net/http_message.hpp"
#include "httvps/outline/management_access.hpp"
#include "httvps/outline/management_types.hpp"

namespace httvps::outline {

struct management_limits {
  base::duration whole_exchange = std::chrono::seconds(30);
  std::size_t answer_most = std::size_t{8} * 1024 * 1024;
};

class management_client {
 public:
  static base::result<management_client> make(management_access access,
                                              management_limits limits = {});

  base::result<managed_server> server() const;
  base::result<std::vector<managed_key>> keys() const;
  base::result<managed_key> key(std::string_view id) const;
  base::result<managed_key> create_key(const key_wish& wish) const;
  base::result<managed_key> create_key_as(std::string_view id, const key_wish& wish) const;
  base::result<void> rename_key(std::string_view id, std::string_view name) const;
  base::result<void> limit_key(std::string_view id, base::byte_count most) const;
  base::result<void> unlimit_key(std::string_view id) const;
  base::result<void> remove_key(std::string_view id) const;
  base::result<void> use_hostname(std::string_view hostname) const;
  base::result<void> use_port_for_new_keys(std::uint16_t port) const;
  base::result<transferred> transfer() const;

 private:
  struct request {
    std::string_view method;
    std::string target;
    std::string body = {};
  };

  management_client(management_access access, management_limits limits, net::tls_context tls);

  base::result<net::http_response> exchange(request what) const;
  base::result<std::string> expect(request what, int status) const;
  base::result<std::string> about_key(std::string_view id, request what, int status) const;

  management_access access_;
  management_limits limits_;
  net::tls_context tls_;
};

}
