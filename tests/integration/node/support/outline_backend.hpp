#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "httvps/net/http_server.hpp"

namespace httvps::testing {

struct offered_key {
  std::string id;
  std::uint64_t generation = 1;
  std::string cipher = "chacha20-ietf-poly1305";
  std::string secret;
};

enum class outline_conduct { answer, garbage, fail };

struct outline_record {
  std::vector<boost::json::object> heartbeats;
  std::vector<boost::json::object> notices;
  std::vector<boost::json::object> counters;
  std::vector<std::chrono::steady_clock::time_point> heartbeat_times;
  std::size_t polls = 0;
  std::size_t refused = 0;
};

class outline_backend {
 public:
  outline_backend();
  outline_backend(const outline_backend&) = delete;
  outline_backend& operator=(const outline_backend&) = delete;
  ~outline_backend();

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::uint64_t want(std::vector<offered_key> keys);
  void behave(outline_conduct conduct);
  void expect_credential(std::string credential);
  void go_down();
  void come_back();

  outline_record record() const;
  bool wait_for(const std::function<bool(const outline_record&)>& condition,
                std::chrono::milliseconds limit = std::chrono::seconds(20)) const;
  bool wait_until_runs(std::uint64_t revision) const;
  std::uint64_t counted(const std::string& key_id, const std::string& field) const;
  bool wait_until_counted(const std::string& key_id, std::uint64_t bytes) const;

 private:
  void open(std::uint16_t port);
  net::asio::awaitable<net::http_response> serve(net::http_request request);
  net::asio::awaitable<net::http_response> answer_config(std::string target);
  net::http_response answer_post(const net::http_request& request);
  std::string document_for(const std::string& public_key) const;
  bool is_known(const net::http_request& request);

  mutable std::mutex guard_;
  mutable std::condition_variable changed_;
  std::uint64_t revision_ = 0;
  std::vector<offered_key> keys_;
  std::string credential_ = "htn_node_credential_of_the_test";
  outline_conduct conduct_ = outline_conduct::answer;
  outline_record record_;

  net::asio::io_context context_{1};
  net::asio::executor_work_guard<net::asio::io_context::executor_type> work_;
  std::optional<net::http_server> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}
