#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "httvps/base/clock.hpp"
#include "httvps/gateway/auth/recognition_probe.hpp"
#include "httvps/gateway/auth/recognizer.hpp"
#include "httvps/gateway/metrics/probe.hpp"
#include "httvps/gateway/protocol/strangers.hpp"
#include "httvps/gateway/sessions/admission.hpp"
#include "httvps/net/http2_opening.hpp"
#include "httvps/net/http_parser.hpp"
#include "httvps/net/tls_context.hpp"
#include "httvps/net/tls_stream.hpp"

namespace httvps::gateway {

struct recognition_state {
  recognizer recognise;
  identity::key_set keys;
};

struct front_door_parts {
  const base::clock& clock;
  net::tls_context tls;
  admission_desk& desk;
  gateway_probe& probe;
  recognition_probe& recognitions;
  std::size_t connections_most = 1;
  std::size_t strangers_most = 1;
  base::duration handshake_limit = std::chrono::seconds(10);
  base::duration head_limit = std::chrono::seconds(60);
};

class front_door {
 public:
  explicit front_door(front_door_parts parts);

  void use(std::shared_ptr<const recognition_state> state) { state_ = std::move(state); }
  void note_backend(base::steady_time heard) { backend_heard_ = heard; }
  net::task<> serve(net::tcp_stream socket);
  std::size_t connections() const noexcept { return connections_; }
  void forget_leases() noexcept { alive_.reset(); }

 private:
  enum class next_step { keep, close };

  struct visitor {
    std::uint64_t number = 0;
    std::shared_ptr<void> lease;
  };

  std::shared_ptr<void> lease_for(std::uint64_t number, const net::executor& runs_on);
  void leave(std::uint64_t number);
  net::task<> welcome(net::tcp_stream socket, visitor guest);
  net::task<> turn_away(net::tls_stream stream, base::error failure);
  net::task<> serve_http(net::tls_stream stream, visitor guest);
  struct http2_visit;

  net::task<> serve_http2(net::tls_stream stream, visitor guest);
  net::task<> read_input(http2_visit* visit, base::steady_time deadline);
  net::task<> send_output(http2_visit* visit);
  recognition recognise(const net::http2_offer& offer, const net::tls_engine& tls) const;
  net::task<> take_over(std::unique_ptr<http2_visit> visit, net::http2_offer offer, visitor guest,
                        recognition who);
  net::task<net::http_request_parser> read_head(net::tls_stream* stream, base::byte_vector early);
  recognition recognise(const net::http_request& request, const net::tls_engine& tls) const;
  net::task<> take_over(net::tls_stream stream, net::http_request_parser parser, visitor guest,
                        recognition who);
  recognition recognise(const carrier_request& asked, const net::tls_engine& tls) const;
  net::task<> admit(carrier_arrival carrier, recognition who);
  net::task<next_step> answer(net::tls_stream* stream, net::http_request request);

  front_door_parts parts_;
  std::shared_ptr<const recognition_state> state_;
  base::steady_time backend_heard_{};
  strangers strangers_;
  std::uint64_t last_number_ = 0;
  std::size_t connections_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}
