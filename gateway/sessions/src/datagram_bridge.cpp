#include "datagram_bridge.hpp"

#include <utility>

#include "node_target.hpp"
#include "throttle.hpp"

namespace httvps::gateway {

datagram_bridge::datagram_bridge(hosted_session& host)
    : host_(host),
      relay_(host.environment_.datagrams,
             {.runs_on = host.environment_.runs_on, .node = host.terms_.nodes.first}, *this) {}

datagram_bridge::~datagram_bridge() {
  note_dropped();
}

void datagram_bridge::accept(const wire::datagram_frame& datagram) {
  auto peer = to_node_target(datagram.target);
  const auto size = datagram.payload.size();
  const auto taken = host_.throttle_->take_up(size);
  const bool sent =
      taken == size && peer && peer->port != 0 &&
      relay_.send({.flow = datagram.flow, .peer = std::move(*peer), .payload = datagram.payload});
  if (!sent) {
    host_.throttle_->give_back(taken);
    host_.environment_.probe.datagrams_dropped.add();
    return;
  }
  watch();
}

void datagram_bridge::on_datagram(const datagram& arrived) {
  const wire::datagram_frame frame{
      .flow = arrived.flow, .target = to_wire_target(arrived.peer), .payload = arrived.payload};
  const auto size = arrived.payload.size();
  if (!host_.throttle_->take_down(size)) {
    host_.environment_.probe.datagrams_dropped.add();
    return;
  }
  const bool queued = host_.session().send_datagram(frame, host_.now());
  note_dropped();
  if (!queued) {
    host_.throttle_->give_back(size);
    return;
  }
  host_.throttle_->charge_down(size);
  host_.terms_.meter->add_down(arrived.payload.size());
  host_.environment_.probe.bytes_down.add(arrived.payload.size());
  host_.progress_soon();
}

void datagram_bridge::on_sent(base::byte_count payload) {
  host_.terms_.meter->add_up(payload);
  host_.throttle_->charge_up(static_cast<std::size_t>(payload));
  host_.environment_.probe.bytes_up.add(payload);
}

void datagram_bridge::note_dropped() {
  const auto all = host_.session().dropped_datagrams().all();
  host_.environment_.probe.datagrams_dropped.add(all - std::exchange(dropped_, all));
}

void datagram_bridge::watch() {
  if (relay_.flows() > 0 && !std::exchange(watching_, true)) {
    static_cast<void>(host_.tasks().spawn(forget_idle(host_.weak_from_this())));
  }
}

std::optional<base::steady_time> datagram_bridge::next_idle(const weak_session& weak) {
  const auto held = std::static_pointer_cast<hosted_session>(weak.lock());
  auto* bridge = held ? held->datagrams_.get() : nullptr;
  if (bridge == nullptr) {
    return std::nullopt;
  }
  bridge->relay_.tick(held->now());
  const auto next = bridge->relay_.deadline();
  bridge->watching_ = next.has_value();
  return next;
}

net::task<> datagram_bridge::forget_idle(weak_session weak) {
  auto next = next_idle(weak);
  while (next) {
    HTTVPS_CO_CHECK(co_await net::sleep_until(*next));
    next = next_idle(weak);
  }
  co_return base::result<>();
}

}
