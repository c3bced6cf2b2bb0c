#include <utility>

#include "control_exchange.hpp"
#include "datagram_bridge.hpp"
#include "httvps/gateway/sessions/hosted_session.hpp"
#include "node_target.hpp"
#include "stream_relay.hpp"

namespace httvps::gateway {
namespace {

bool is_control(const wire::target& where) {
  const auto* reserved = std::get_if<wire::reserved_target>(&where);
  return reserved != nullptr && reserved->name == wire::control_target_name;
}

}

struct session_event_handler {
  hosted_session& host;

  void operator()(const wire::stream_opened& opened) const { host.start_stream(opened); }
  void operator()(const wire::stream_finished& finished) const {
    host.environment_.log.debug("stream_finished",
                                {{"device_id", host.terms_.device_id},
                                 {"stream", static_cast<std::uint64_t>(finished.stream)}});
    if (const auto found = host.relays_.find(finished.stream); found != host.relays_.end()) {
      const auto relay = found->second;
      relay->finish();
      host.end_stream(finished.stream);
    }
  }
  void operator()(const wire::stream_reset& reset) const { host.forget(reset.stream); }
  void operator()(const wire::stream_stopped& stopped) const {
    if (const auto found = host.relays_.find(stopped.stream); found != host.relays_.end()) {
      const auto relay = found->second;
      relay->stop_down();
      host.end_stream(stopped.stream);
      return;
    }
    host.forget(stopped.stream);
    host.session().reset(stopped.stream, wire::errc::stopped);
  }
  void operator()(const wire::stream_writable& writable) const {
    if (const auto found = host.relays_.find(writable.stream); found != host.relays_.end()) {
      found->second->wake();
    }
    if (const auto found = host.exchanges_.find(writable.stream); found != host.exchanges_.end()) {
      found->second->wake();
    }
  }
  void operator()(const wire::stream_closed& closed) const {
    host.environment_.log.debug("stream_closed",
                                {{"device_id", host.terms_.device_id},
                                 {"stream", static_cast<std::uint64_t>(closed.stream)},
                                 {"carriers", closed.carriers}});
  }
  void operator()(const wire::carrier_suspected&) const {
    host.environment_.probe.carriers_suspected.add();
  }
  void operator()(const wire::session_ended& ended) const { host.close_down(ended.code); }
  template <typename Other>
  void operator()(const Other&) const {}
};

void hosted_session::on_event(const wire::session_event& event) {
  std::visit(session_event_handler{*this}, event);
}

void hosted_session::start_stream(const wire::stream_opened& opened) {
  environment_.probe.streams_opened.add();
  if (is_control(opened.target)) {
    start_control(opened.stream);
    return;
  }
  if (terms_.admits == admission::control_only) {
    refuse_stream(opened.stream, wire::errc::control_only);
    return;
  }
  auto where = to_node_target(opened.target);
  if (!where) {
    refuse_stream(opened.stream, wire::errc::target_forbidden);
    return;
  }
  if (where->port == 0 || !shadowsocks::encoded_target::from(*where)) {
    refuse_stream(opened.stream, wire::errc::target_invalid);
    return;
  }
  start_relay(opened.stream, std::move(*where));
}

void hosted_session::start_relay(wire::stream_id stream, shadowsocks::target where) {
  auto place = environment_.places.take(terms_.device_id);
  if (!place) {
    refuse_stream(stream, wire::errc::stream_limit);
    return;
  }
  auto relay = std::make_shared<stream_relay>(*this, stream, std::move(*place));
  relays_.emplace(stream, relay);
  environment_.probe.streams.add(1);
  spawn(relay->run(std::move(where)));
}

void hosted_session::start_control(wire::stream_id stream) {
  constexpr std::size_t exchanges_most = 16;
  if (exchanges_.size() >= exchanges_most) {
    refuse_stream(stream, wire::errc::stream_limit);
    return;
  }
  auto exchange = std::make_shared<control_exchange>(*this, stream);
  exchanges_.emplace(stream, exchange);
  spawn(exchange->run());
}

void hosted_session::refuse_stream(wire::stream_id stream, wire::errc code) {
  environment_.probe.stream_failures.add();
  session().fail_after_data(stream, code);
  session().stop(stream, code, now());
}

void hosted_session::end_stream(wire::stream_id stream) {
  const auto found = relays_.find(stream);
  if (found != relays_.end() && found->second->is_over()) {
    environment_.probe.streams.add(-1);
    relays_.erase(found);
  }
}

void hosted_session::forget(wire::stream_id stream) {
  if (const auto found = relays_.find(stream); found != relays_.end()) {
    const auto relay = std::move(found->second);
    relays_.erase(found);
    environment_.probe.streams.add(-1);
    relay->abort();
  }
  if (const auto found = exchanges_.find(stream); found != exchanges_.end()) {
    const auto exchange = std::move(found->second);
    exchanges_.erase(found);
    exchange->abort();
  }
}

std::size_t hosted_session::on_data(wire::stream_id stream, base::byte_view payload) {
  if (const auto found = relays_.find(stream); found != relays_.end()) {
    const auto relay = found->second;
    return relay->accept(payload);
  }
  if (const auto found = exchanges_.find(stream); found != exchanges_.end()) {
    found->second->wake();
  }
  return 0;
}

void hosted_session::on_datagram(const wire::datagram_frame& datagram) {
  if (terms_.admits == admission::control_only || session().ended()) {
    environment_.probe.datagrams_dropped.add();
    return;
  }
  if (!datagrams_) {
    datagrams_ = std::make_unique<datagram_bridge>(*this);
  }
  datagrams_->accept(datagram);
}

}
