#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "httvps/net/http_message.hpp"
#include "httvps/net/scope.hpp"
#include "httvps/net/tcp.hpp"
#include "httvps/net/tls_stream.hpp"
#include "httvps/outline/management_access.hpp"
#include "test_certificate.hpp"

namespace httvps::outline::testing {

enum class fault {
  none,
  not_tls,
  silence,
  slow_body,
  close_before_answer,
  close_in_body,
  not_http,
  broken_json,
  wrong_types,
  oversize,
  server_error,
  teapot,
};

struct double_key {
  std::string id;
  std::string name;
  std::string password;
  std::string method = "chacha20-ietf-poly1305";
  std::uint16_t port = 0;
  std::optional<std::uint64_t> limit;
  bool active = false;
};

struct double_record {
  std::size_t connections = 0;
  std::size_t requests = 0;
  std::vector<std::string> targets;
};

class management_double {
 public:
  management_double();
  management_double(const management_double&) = delete;
  management_double& operator=(const management_double&) = delete;
  ~management_double();

  std::string api_url() const;
  std::string certificate_sha256() const;
  management_access access() const;
  void behave(fault chosen);
  void count_traffic(const std::string& id, std::uint64_t bytes);
  void reload();
  std::map<std::string, double_key> keys() const;
  double_record record() const;

 private:
  struct reply {
    int status = 200;
    boost::json::object body = {};
    bool has_body = true;
  };

  net::task<> accept();
  net::task<> serve(net::tcp_stream socket);
  net::task<> answer(net::tls_stream* stream, net::http_request request);
  net::task<> misbehave(net::tls_stream* stream, fault chosen, net::http_response whole);
  fault current() const;
  void note_request(const std::string& target);

  net::http_response handle(const net::http_request& request);
  reply route(const net::http_request& request, std::string target);
  reply route_key(const net::http_request& request, const std::string& rest);
  reply make_key(const boost::json::object& wish, std::optional<std::string> id);
  reply set_limit(double_key& key, const boost::json::object& body);
  boost::json::object describe(const double_key& key) const;
  boost::json::object describe_server() const;

  const std::string prefix_ = "Ab3-dE_fGhIjKlMnOpQrSt";
  net::testing::test_certificate certificate_{"outline.example"};
  mutable std::mutex guard_;
  std::map<std::string, double_key> keys_;
  std::map<std::string, std::uint64_t> traffic_;
  std::string hostname_ = "198.51.100.1";
  std::uint16_t port_for_keys_ = 9000;
  std::uint64_t next_id_ = 0;
  fault fault_ = fault::none;
  double_record record_;

  net::asio::io_context context_{1};
  net::tls_context tls_;
  net::asio::executor_work_guard<net::asio::io_context::executor_type> work_;
  std::optional<net::tcp_listener> listener_;
  std::optional<net::scope> scope_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}
