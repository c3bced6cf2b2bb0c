#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "gate/gate.hpp"
#include "gate/sockets.hpp"

namespace httvps::chaos {
namespace {

constexpr std::size_t longest_history = 1024;
constexpr std::size_t most_cut_times = 4096;
constexpr auto fin_patience = std::chrono::seconds(1);
constexpr auto half_open_patience = std::chrono::seconds(60);
constexpr auto frozen_patience = std::chrono::seconds(600);
constexpr auto linger_period = std::chrono::milliseconds(250);

base::duration patience_with(const connection& subject) {
  if (subject.now == phase::closing) {
    return fin_patience;
  }
  return subject.now == phase::frozen ? base::duration(frozen_patience)
                                      : base::duration(half_open_patience);
}

}

void gate::accept_all() {
  while (accepting_) {
    sockaddr_in from{};
    socklen_t size = sizeof from;
    bench::descriptor client(::accept4(listener_.get(), reinterpret_cast<sockaddr*>(&from), &size,
                                       SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!client) {
      return;
    }
    if (settings_.cap > 0 && counts_.live >= settings_.cap) {
      note_closes();
    }
    if (settings_.cap > 0 && counts_.live >= settings_.cap) {
      ++counts_.refused;
      abort_connection(client);
    } else {
      admit(std::move(client), ntohs(from.sin_port));
    }
  }
}

void gate::note_closes() {
  for (auto& [id, subject] : connections_) {
    for (const auto which : both_sides) {
      const auto& end = subject->end(which);
      if (subject->live && end.socket && has_closed(end.socket)) {
        no_longer_live(*subject, which == side::client ? "client_closed" : "server_closed");
      }
    }
  }
}

void gate::admit(bench::descriptor client, std::uint16_t client_port) {
  auto server = bench::start_connecting(target_);
  if (!server) {
    abort_connection(client);
    return;
  }
  bench::send_without_delay(client);
  bound_buffers(client, links_[index_of(direction::up)].socket_buffer());
  bound_buffers(*server, links_[index_of(direction::down)].socket_buffer());
  auto made = std::make_unique<connection>();
  auto& subject = *made;
  subject.id = ++counts_.total;
  subject.client_port = client_port;
  subject.began = now_;
  subject.end(side::client).socket = std::move(client);
  subject.end(side::server).socket = std::move(*server);
  subject.way(direction::up).limits = settings_.up_limits;
  subject.way(direction::down).limits = settings_.down_limits;
  if (settings_.handshake == handshake_cost::one_round_trip) {
    const auto heard = now_ + settings_.up.delay * 2 + settings_.down.delay;
    subject.way(direction::up).queue.hold_back_until(heard);
    subject.way(direction::down).queue.hold_back_until(heard + settings_.down.delay);
  }
  connections_.emplace(subject.id, std::move(made));
  counts_.most_live = std::max(counts_.most_live, ++counts_.live);
  if (const auto own = own_limits_.extract(subject.id)) {
    limit(own.mapped());
  }
  for (const auto which : both_sides) {
    loop_.add({.socket = subject.end(which).socket.get(),
               .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
               .tag = tag_of(subject.id, which)});
  }
}

bool gate::connect_finished(connection& subject, std::uint32_t events) {
  if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) == 0) {
    return false;
  }
  if (!bench::finish_connecting(subject.end(side::server).socket)) {
    no_longer_live(subject, "target_refused");
    forget(subject);
    return false;
  }
  subject.connected = true;
  return true;
}

void gate::swallow(connection& subject, side which) {
  auto& end = subject.end(which);
  while (end.readable && end.socket) {
    const auto got = discard_from(end.socket);
    end.readable = got.what == outcome::moved;
    end.ended = got.what == outcome::ended || got.what == outcome::failed;
  }
  if (!end.ended) {
    return;
  }
  end.socket.close();
  if (std::ranges::all_of(subject.ends, [](const auto& each) { return !each.socket; })) {
    forget(subject);
  }
}

void gate::freeze(connection& subject) {
  if (subject.now != phase::relaying || !subject.live) {
    return;
  }
  ++counts_.frozen;
  subject.now = phase::frozen;
  subject.cause = "frozen";
  for (const auto which : both_sides) {
    subject.end(which).readable = true;
    swallow(subject, which);
  }
}

void gate::cut(connection& subject, std::string_view cause) {
  ++counts_.cut;
  no_longer_live(subject, cause);
  subject.cause = cause;
  if (settings_.manner == cut_manner::reset || !subject.connected) {
    forget(subject);
    return;
  }
  subject.now = phase::closing;
  drop_all(subject);
  for (const auto which : both_sides) {
    send_fin(subject.end(which).socket);
    subject.end(which).readable = true;
    swallow(subject, which);
  }
}

void gate::cut_everything(std::string_view cause) {
  counts_.cut_times.push_back(now_);
  if (counts_.cut_times.size() > most_cut_times) {
    counts_.cut_times.pop_front();
  }
  std::vector<connection*> live;
  for (auto& [id, subject] : connections_) {
    if (subject->now != phase::closing) {
      live.push_back(subject.get());
    }
  }
  for (auto* subject : live) {
    cut(*subject, cause);
  }
}

void gate::cut_on_time() {
  if (now_ >= next_cut_) {
    cut_everything("cut_on_time");
    plan_next_cut();
  }
}

void gate::plan_next_cut() {
  if (settings_.cut_every == base::duration{}) {
    next_cut_ = base::steady_time::max();
    return;
  }
  const auto span = static_cast<std::uint64_t>(settings_.cut_jitter.count());
  const auto drawn = span == 0 ? 0 : cut_random_() % (span + 1);
  next_cut_ = now_ + settings_.cut_every + base::duration(static_cast<std::int64_t>(drawn));
}

void gate::no_longer_live(connection& subject, std::string_view cause) {
  if (subject.live) {
    subject.live = false;
    subject.cause = subject.now == phase::frozen ? subject.cause : cause;
    subject.ended = now_;
    --counts_.live;
    next_linger_check_ = std::min(next_linger_check_, now_ + linger_period);
  }
}

void gate::forget(connection& subject) {
  const auto found = connections_.find(subject.id);
  if (found == connections_.end()) {
    return;
  }
  no_longer_live(subject, "closed");
  drop_all(subject);
  for (auto& each : subject.ends) {
    if (each.socket) {
      abort_connection(each.socket);
    }
  }
  history_.push_back(report_of(subject, now_));
  if (history_.size() > longest_history) {
    history_.pop_front();
  }
  subject.now = phase::closing;
  gone_.push_back(std::move(found->second));
  connections_.erase(found);
}

void gate::end_lingering() {
  if (now_ < next_linger_check_) {
    return;
  }
  next_linger_check_ = base::steady_time::max();
  std::vector<connection*> late;
  for (auto& [id, subject] : connections_) {
    if (subject->live) {
      continue;
    }
    if (now_ - subject->ended >= patience_with(*subject)) {
      late.push_back(subject.get());
    } else {
      next_linger_check_ = now_ + linger_period;
    }
  }
  for (auto* subject : late) {
    forget(*subject);
  }
}

void gate::drop_all(connection& subject) {
  for (const auto way : both_directions) {
    auto& queue = subject.way(way).queue;
    held_ -= queue.held();
    queue.drop();
    set_timer(subject, way);
  }
}

}
