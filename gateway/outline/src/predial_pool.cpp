#include "predial_pool.hpp"

#include <algorithm>
#include <utility>

namespace httvps::gateway {
namespace {

constexpr auto dial_patience = std::chrono::seconds(10);

bool is_alive(net::tcp_stream& socket) {
  base::byte_array<1> space;
  const auto got = socket.try_read(space);
  return !got && got.error() == net::errc::would_block;
}

}

std::optional<net::tcp_stream> predial_pool::take(const outline_node& node) {
  if (chosen_.most == 0) {
    return std::nullopt;
  }
  auto* of = supply_of(node);
  if (of != nullptr) {
    drop_old(*of);
  }
  while (of != nullptr && !of->idle.empty()) {
    auto socket = std::move(of->idle.front().socket);
    of->idle.erase(of->idle.begin());
    meter_.idle.add(-1);
    if (is_alive(socket)) {
      meter_.hits.add();
      return socket;
    }
    meter_.lost.add();
  }
  meter_.misses.add();
  return std::nullopt;
}

void predial_pool::note_open(const shared_node& node, const net::executor& runs_on) {
  if (closed_ || chosen_.most == 0) {
    return;
  }
  if (!dials_) {
    dials_.emplace(runs_on);
    timer_.emplace(runs_on);
  }
  auto& of = made_supply_of(node);
  of.opens.push_back(clock_.steady_now());
  if (of.opens.size() > chosen_.most) {
    of.opens.erase(of.opens.begin());
  }
  refill(node);
  arm();
}

void predial_pool::close() noexcept {
  if (std::exchange(closed_, true)) {
    return;
  }
  if (dials_) {
    dials_->cancel();
    dials_.reset();
  }
  timer_.reset();
  for (const auto& of : supplies_) {
    meter_.idle.add(-static_cast<std::int64_t>(of.idle.size()));
  }
  supplies_.clear();
}

predial_pool::supply* predial_pool::supply_of(const outline_node& node) noexcept {
  const auto found =
      std::ranges::find_if(supplies_, [&node](const supply& of) { return of.node.get() == &node; });
  return found == supplies_.end() ? nullptr : &*found;
}

predial_pool::supply& predial_pool::made_supply_of(const shared_node& node) {
  auto* found = supply_of(*node);
  if (found != nullptr) {
    return *found;
  }
  supplies_.push_back({.node = node, .opens = {}, .idle = {}});
  return supplies_.back();
}

std::size_t predial_pool::wanted(const supply& of) const {
  const auto since = clock_.steady_now() - chosen_.warm;
  return static_cast<std::size_t>(
      std::ranges::count_if(of.opens, [since](base::steady_time at) { return at > since; }));
}

void predial_pool::refill(const shared_node& node) {
  auto& of = made_supply_of(node);
  const auto have = of.idle.size() + of.dialling;
  const auto target = wanted(of);
  const auto missing = target > have ? target - have : 0;
  of.dialling += missing;
  for (std::size_t i = 0; i < missing; ++i) {
    static_cast<void>(dials_->spawn(dial_ahead(shared_from_this(), node)));
  }
}

net::task<> predial_pool::dial_ahead(std::shared_ptr<predial_pool> self, shared_node node) {
  const auto deadline = net::deadline_after(dial_patience);
  auto socket = co_await reach_node(node, &self->clock_, deadline);
  if (auto* of = self->supply_of(*node)) {
    --of->dialling;
  }
  if (self->closed_) {
    co_return base::result<>();
  }
  if (socket) {
    self->keep(*node, std::move(*socket));
  } else {
    static_cast<void>(note_failure(*node, socket.error(), self->clock_.steady_now()));
  }
  self->sweep();
  co_return base::result<>();
}

void predial_pool::keep(const outline_node& node, net::tcp_stream socket) {
  auto* of = supply_of(node);
  if (of == nullptr || is_cold(*of)) {
    meter_.expired.add();
    return;
  }
  of->idle.push_back({.socket = std::move(socket), .since = clock_.steady_now()});
  meter_.idle.add(1);
}

bool predial_pool::is_cold(const supply& of) const {
  return clock_.steady_now() - of.last_open() >= chosen_.warm;
}

void predial_pool::drop_old(supply& of) {
  const auto now = clock_.steady_now();
  while (!of.idle.empty() && (is_cold(of) || now - of.idle.front().since >= chosen_.oldest)) {
    of.idle.erase(of.idle.begin());
    meter_.idle.add(-1);
    meter_.expired.add();
  }
}

void predial_pool::sweep() {
  for (auto& of : supplies_) {
    drop_old(of);
  }
  std::erase_if(supplies_, [this](const supply& of) { return of.dialling == 0 && is_cold(of); });
  arm();
}

void predial_pool::arm() {
  auto next = net::no_deadline;
  for (const auto& of : supplies_) {
    if (!is_cold(of)) {
      next = std::min(next, of.last_open() + chosen_.warm);
    }
    if (!of.idle.empty()) {
      next = std::min(next, of.idle.front().since + chosen_.oldest);
    }
  }
  if (closed_ || next == net::no_deadline || timer_->expiry() == next) {
    return;
  }
  timer_->expires_at(next);
  timer_->async_wait([weak = weak_from_this()](const boost::system::error_code& failure) {
    const auto self = weak.lock();
    if (!failure && self && !self->closed_) {
      self->sweep();
    }
  });
}

}
