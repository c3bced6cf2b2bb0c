#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "gateway/support/counting_origin.hpp"
#include "gateway/support/gateway_process.hpp"
#include "gateway/support/tunnel.hpp"
#include "support/ss_server.hpp"
#include "support/walk.hpp"
#include "test_certificate.hpp"

namespace httvps::testing {

struct booked_usage {
  usage_totals total;
  usage_totals quarantined;
};

class accounting_world {
 public:
  explicit accounting_world(const std::map<std::string, std::string>& gateway_settings,
                            const json_object& plan_terms = {});

  void tell_failpoints(const std::string& lines) const;
  std::unique_ptr<tunnel> connect() { return connect_to(gateway); }
  std::unique_ptr<tunnel> connect_to(const gateway_process& at);
  std::unique_ptr<gateway_process> add_gateway(const std::string& name) const;
  wire::stream_id start(tunnel& device, std::size_t count) const;
  bool transfer(tunnel& device, std::size_t count) const;
  bool restart_gateway();
  booked_usage booked() const;
  bool wait_until_booked(const usage_totals& wanted) const;
  bool wait_until_nothing_waits() const;
  usage_totals truth() const noexcept { return counted_.totals(); }
  walk& backend() noexcept { return backend_; }
  const std::string& device_id() const { return device_->id; }

 private:
  void fill_backend(const json_object& plan_terms);
  gateway_options options_for(const std::map<std::string, std::string>& settings) const;
  gateway_identity joined_gateway() const;

  net::testing::test_certificate certificate_{"localhost"};
  ss_server node_{shadowsocks::cipher_method::chacha20_ietf_poly1305};
  walk backend_;
  counting_origin counted_;
  temporary_folder folder_;
  std::optional<test_device> device_;
  std::string token_;

 public:
  gateway_process gateway;
};

}
