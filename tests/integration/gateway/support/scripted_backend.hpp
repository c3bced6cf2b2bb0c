#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/support/deployment.hpp"
#include "httvps/base/bytes.hpp"
#include "httvps/net/http_server.hpp"

namespace httvps::testing {

enum class backend_call {
  join,
  config,
  heartbeat,
  validate,
  assign,
  usage,
  lease,
  outcomes,
  sessions,
  place,
  device,
  other
};
enum class conduct { answer, drop, garbage, fail, refuse };

struct usage_line {
  std::uint64_t session = 0;
  std::string node_id;
  base::byte_count up = 0;
  base::byte_count down = 0;
  std::string token;

  bool operator==(const usage_line&) const = default;
};

struct usage_delivery {
  std::string epoch;
  std::uint64_t sequence = 0;
  std::string body;
  std::vector<usage_line> lines;
  bool answered = false;
};

struct backend_script {
  std::map<backend_call, conduct> conducts;
  std::chrono::milliseconds delay{0};
  std::map<backend_call, std::chrono::milliseconds> delays;
  std::string state = "approved";
  std::string denied_code;
  std::string denied_sentence;
  std::uint32_t session_limit = 4;
  std::optional<std::uint64_t> up_bps;
  std::optional<std::uint64_t> down_bps;
  std::optional<std::uint64_t> quota;
  std::uint64_t offline_bytes = 1 << 20;
  std::uint64_t grant_most = std::uint64_t{1} << 40;
  std::uint64_t lease_seconds = 60;
  std::uint64_t revocation_version = 0;
  std::vector<std::string> revoked_devices;
  std::map<std::string, std::string> suspended_devices;
  std::uint64_t terms_version = 0;
  std::vector<std::string> terms_changed;
  std::string ends_at;
  std::string subscription_id;
  std::uint64_t recheck_seconds = 900;
  std::string lease_reason;
  bool lease_refused = false;
  bool draining = false;
  std::string policy;
  std::vector<std::string> sessions_to_end;
  std::optional<std::uint64_t> acknowledges;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> gaps;
  std::string access_url;
  std::string reserve_url;
  std::string device_answer = R"({"device_id":"dev_new"})";
};

struct lease_call {
  std::string epoch;
  std::string subscription;
  std::uint64_t used = 0;
  std::uint64_t want = 0;
  std::string token;
};

struct backend_record {
  std::vector<lease_call> leases;
  std::map<std::string, std::uint64_t> granted;
  std::vector<usage_delivery> usage;
  std::vector<net::http_request> device_requests;
  std::vector<std::string> joins;
  std::vector<std::string> places;
  std::vector<std::string> heartbeats;
  std::vector<std::string> validations;
  std::vector<std::string> outcomes;
  std::vector<std::string> session_reports;
  std::map<backend_call, std::size_t> counts;
};

class scripted_backend {
 public:
  explicit scripted_backend(deployment& keys);
  scripted_backend(const scripted_backend&) = delete;
  scripted_backend& operator=(const scripted_backend&) = delete;
  ~scripted_backend();

  std::string url() const;
  void change(const std::function<void(backend_script&)>& edit);
  void with_keys(const std::function<void(deployment&)>& edit);
  void behave(backend_call call, conduct how);
  void go_down();
  void come_back();

  backend_record record() const;
  bool wait_for(const std::function<bool(const backend_record&)>& condition,
                std::chrono::milliseconds limit = std::chrono::seconds(10)) const;
  std::size_t count_of(backend_call call) const;

 private:
  void open(std::uint16_t port);
  net::asio::awaitable<net::http_response> serve(net::http_request request);
  net::http_response answer(backend_call call, const net::http_request& request);
  net::http_response answer_config() const;
  net::http_response answer_heartbeat(const net::http_request& request);
  net::http_response answer_join(const net::http_request& request);
  net::http_response answer_validate(const net::http_request& request);
  boost::json::object validation_of(const boost::json::object& asked);
  std::string sealed(const std::string& access_url) const;
  net::http_response answer_assign();
  net::http_response answer_usage(const net::http_request& request);
  net::http_response answer_lease(const net::http_request& request);

  mutable std::mutex guard_;
  mutable std::condition_variable changed_;
  deployment& keys_;
  backend_script script_;
  backend_record record_;
  std::string gateway_box_key_;
  std::string credential_ = "gateway-credential";

  net::asio::io_context context_{1};
  net::asio::executor_work_guard<net::asio::io_context::executor_type> work_;
  std::optional<net::http_server> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}
