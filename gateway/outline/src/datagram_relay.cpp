#include "httvps/gateway/outline/datagram_relay.hpp"

#include <algorithm>
#include <utility>

#include "datagram_state.hpp"
#include "httvps/gateway/outline/errc.hpp"

namespace httvps::gateway {
namespace {

template <typename Held>
std::shared_ptr<Held> keep_alive(const std::shared_ptr<Held>& held) {
  return held;
}

constexpr auto look_up_patience = std::chrono::seconds(10);

}

datagram_relay::state::state(std::shared_ptr<datagram_engine::state> shared, place where,
                             datagram_sink& sink)
    : engine_(std::move(shared)),
      node_(std::move(where.node)),
      sink_(&sink),
      tasks_(where.runs_on) {}

base::result<> datagram_relay::state::send(const datagram& leaving) {
  if (leaving.payload.size() > datagram_payload_most) {
    return base::fail(outline_errc::datagram_too_long);
  }
  if (sink_ == nullptr) {
    return base::fail(outline_errc::sending_ended);
  }
  HTTVPS_TRY(const auto to, shadowsocks::encoded_target::from(leaving.peer));
  HTTVPS_TRY(const auto flow, flow_for(leaving.flow));
  HTTVPS_TRY(const auto sealed, engine_->seal(flow->codec, to, leaving.payload));
  flow->used = engine_->now();
  write_or_keep(flow, sealed, leaving.payload.size());
  return {};
}

base::result<shared_flow> datagram_relay::state::flow_for(std::uint64_t id) {
  const auto found = std::ranges::lower_bound(flows, id, {}, &datagram_flow::id);
  if (found != flows.end() && (*found)->id == id) {
    return *found;
  }
  if (!make_place()) {
    return base::fail(outline_errc::datagram_flows_exhausted);
  }
  auto made = make_flow(id);
  if (!made) {
    engine_->leave_place();
    return made;
  }
  flows.insert(std::ranges::lower_bound(flows, id, {}, &datagram_flow::id), *made);
  return made;
}

bool datagram_relay::state::make_place() {
  const bool full = flows.size() >= engine_->parts.limits.flows_of_session;
  if (!full && engine_->take_place()) {
    return true;
  }
  if (flows.empty()) {
    return false;
  }
  end_flow(*std::ranges::min_element(flows, {}, &datagram_flow::used));
  return engine_->take_place();
}

base::result<shared_flow> datagram_relay::state::make_flow(std::uint64_t id) {
  const auto& limits = engine_->parts.limits;
  const auto now = engine_->now();
  auto flow = std::make_shared<datagram_flow>(datagram_flow{
      .id = id,
      .used = now,
      .codec = shadowsocks::packet_codec(*engine_->cipher, node_->master_key()),
      .backlog = packet_backlog({.bytes = limits.backlog, .age = limits.backlog_age})});
  if (node_->needs_lookup(now)) {
    HTTVPS_CHECK(tasks_.spawn(look_up_and_open(shared_from_this(), flow)));
  } else {
    HTTVPS_CHECK(open_socket(flow));
  }
  return flow;
}

base::result<> datagram_relay::state::open_socket(const shared_flow& flow) {
  const auto& address = node_->addresses().front();
  HTTVPS_TRY(flow->socket, net::udp_socket::connect(tasks_.get_executor(), address));
  return tasks_.spawn(read(shared_from_this(), flow));
}

net::task<> datagram_relay::state::look_up_and_open(std::shared_ptr<state> self, shared_flow flow) {
  const auto now = self->engine_->now();
  const auto found = co_await look_up_node(self->node_, now, net::deadline_after(look_up_patience));
  if (flow->ended) {
    co_return base::result<>();
  }
  if (!found || !self->open_socket(flow)) {
    self->end_flow(flow);
    co_return base::fail(outline_errc::node_unresolved);
  }
  self->start_flushing(flow);
  co_return base::result<>();
}

void datagram_relay::state::tick(base::steady_time now) {
  const auto idle = engine_->parts.limits.idle;
  const auto before = flows;
  for (const auto& flow : before) {
    if (now - flow->used >= idle) {
      end_flow(flow);
    }
  }
}

std::optional<base::steady_time> datagram_relay::state::deadline() const noexcept {
  if (flows.empty()) {
    return std::nullopt;
  }
  const auto& oldest = *std::ranges::min_element(flows, {}, &datagram_flow::used);
  return oldest->used + engine_->parts.limits.idle;
}

void datagram_relay::state::end_flow(const shared_flow& flow) noexcept {
  const auto held = keep_alive(flow);
  if (std::erase(flows, held) > 0) {
    engine_->leave_place();
  }
  held->ended = true;
  note_dropped(counts.dropped_unreachable, held->backlog.clear());
  if (held->socket) {
    held->socket->close_now();
  }
}

void datagram_relay::state::close() noexcept {
  sink_ = nullptr;
  while (!flows.empty()) {
    end_flow(flows.back());
  }
  tasks_.cancel();
}

datagram_relay::datagram_relay(datagram_engine& engine, place where, datagram_sink& sink)
    : state_(std::make_shared<state>(engine.state_, std::move(where), sink)) {}

datagram_relay::~datagram_relay() {
  close();
}

base::result<> datagram_relay::send(const datagram& leaving) {
  return state_->send(leaving);
}

void datagram_relay::tick(base::steady_time now) {
  state_->tick(now);
}

std::optional<base::steady_time> datagram_relay::deadline() const noexcept {
  return state_->deadline();
}

std::size_t datagram_relay::flows() const noexcept {
  return state_->flows.size();
}

const datagram_counts& datagram_relay::counts() const noexcept {
  return state_->counts;
}

void datagram_relay::close() noexcept {
  state_->close();
}

}
