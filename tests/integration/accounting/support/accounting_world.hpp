#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "accounting/support/sorting_origin.hpp"
#include "gateway/support/gateway_process.hpp"
#include "gateway/support/tunnel.hpp"
#include "support/ss_server.hpp"
#include "support/walk.hpp"
#include "test_certificate.hpp"

namespace httvps::testing {

struct place {
  std::string device;
  std::string node;
  auto operator<=>(const place&) const = default;
};

struct account_books {
  std::map<place, usage_totals> places;
  std::map<std::string, usage_totals> subscriptions;
  bool operator==(const account_books&) const = default;
};

struct booked_usage {
  usage_totals total;
  usage_totals quarantined;
  account_books books;
};

struct subscriber {
  std::string user;
  std::string subscription;
  std::string token;
  test_device device;
  std::unique_ptr<sorting_origin> origin;
};

class accounting_world {
 public:
  explicit accounting_world(const std::map<std::string, std::string>& gateway_settings,
                            const json_object& plan_terms = {});

  void tell_failpoints(const std::string& lines) const;
  std::unique_ptr<tunnel> connect(std::size_t who = 0) { return connect_to(gateway, who); }
  std::unique_ptr<tunnel> connect_to(const gateway_process& at, std::size_t who = 0);
  std::size_t add_device();
  std::unique_ptr<gateway_process> add_gateway(const std::string& name) const;
  wire::stream_id start(tunnel& device, std::size_t count, std::size_t who = 0) const;
  bool transfer(tunnel& device, std::size_t count, std::size_t who = 0) const;
  bool restart_gateway();
  void restart_backend();
  std::optional<int> wait_for_backend_exit(std::chrono::milliseconds limit);
  double backend_metric(const std::string& name) const;
  bool wait_until_rolled_up() const;
  bool wait_until_admissions_are_written() const;
  booked_usage booked() const;
  bool wait_until_booked(const usage_totals& wanted) const;
  bool wait_until_nothing_waits() const;
  usage_totals truth() const;
  account_books carried() const;
  walk& backend() noexcept { return backend_; }
  const std::string& device_id() const { return subscribers_.front().device.id; }

 private:
  void fill_backend(const json_object& plan_terms);
  void add_node(const std::string& name, const ss_server& server);
  void add_subscriber(const std::string& name, const gateway_identity& identity);
  gateway_options options_for(const std::map<std::string, std::string>& settings) const;
  gateway_identity joined_gateway() const;

  net::testing::test_certificate certificate_{"localhost"};
  ss_server orchard_{shadowsocks::cipher_method::chacha20_ietf_poly1305, "127.0.0.2"};
  ss_server meadow_{shadowsocks::cipher_method::chacha20_ietf_poly1305, "127.0.0.3"};
  temporary_folder folder_;
  std::string backend_address_;
  walk backend_;
  std::map<std::string, std::string> node_of_address_;
  std::vector<subscriber> subscribers_;

 public:
  gateway_process gateway;
};

}
