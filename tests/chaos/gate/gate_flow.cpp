#include <algorithm>

#include "gate/gate.hpp"
#include "gate/sockets.hpp"

namespace httvps::chaos {
namespace {

constexpr std::size_t reads_a_turn = 64;
constexpr base::byte_count largest_read = 256 * base::kibibyte;

}

void gate::wait_for_link(connection& subject, direction way) {
  auto& lane = subject.way(way);
  if (!lane.waits_for_link && subject.end(source_of(way)).readable && !lane.queue.is_finishing()) {
    lane.waits_for_link = true;
    waiting_[index_of(way)].push_back(subject.id);
  }
}

void gate::serve_link(direction way) {
  auto& queue = waiting_[index_of(way)];
  auto& link = links_[index_of(way)];
  for (std::size_t turn = 0; turn < reads_a_turn && !queue.empty() && link.room(now_) > 0; ++turn) {
    const auto id = queue.front();
    queue.pop_front();
    if (auto* subject = find(id)) {
      subject->way(way).waits_for_link = false;
      if (subject->now == phase::relaying) {
        receive(*subject, way);
      }
    }
  }
}

base::byte_count gate::readable_now(const connection_lane& lane, direction way) const {
  const auto& link = links_[index_of(way)];
  const auto bound = link.most_held(settings_.queue_bytes);
  const auto left = bound > lane.queue.held() ? bound - lane.queue.held() : 0;
  const auto turn = link.shape().bits_per_second > 0 ? link.quantum() : largest_read;
  return std::min({left, turn, link.room(now_)});
}

void gate::receive(connection& subject, direction way) {
  auto& lane = subject.way(way);
  auto& end = subject.end(source_of(way));
  const auto room = readable_now(lane, way);
  if (room == 0 || lane.queue.is_finishing()) {
    return;
  }
  const auto got = receive_into(end.socket, lane.queue.bytes().writable(room));
  const auto& shape = links_[index_of(way)].shape();
  switch (got.what) {
    case outcome::moved:
      take(subject, way, got.size);
      break;
    case outcome::blocked:
      end.readable = false;
      break;
    case outcome::ended:
      lane.queue.finish(lane_end::fin, now_ + shape.delay);
      break;
    case outcome::failed:
      lane.queue.finish(lane_end::reset, now_ + shape.delay);
      break;
  }
  deliver(subject, way);
  wait_for_link(subject, way);
}

void gate::take(connection& subject, direction way, base::byte_count size) {
  auto& lane = subject.way(way);
  auto& link = links_[index_of(way)];
  const auto limit = lane.limits.freeze_after;
  const auto before = lane.queue.arrived();
  const auto allowed = limit == 0 ? size : std::min(size, limit > before ? limit - before : 0);
  for (base::byte_count at = 0; at < allowed;) {
    const auto piece = std::min(allowed - at, link.quantum());
    lane.queue.push(piece, link.admit(piece, now_));
    at += piece;
  }
  held_ += allowed;
  counts_.most_held = std::max(counts_.most_held, held_);
  if (allowed < size) {
    freeze(subject);
  }
}

void gate::release_due() {
  while (!timers_.empty() && std::get<0>(*timers_.begin()) <= now_) {
    const auto [moment, id, way] = *timers_.begin();
    timers_.erase(timers_.begin());
    if (auto* subject = find(id)) {
      subject->way(way).timer.reset();
      deliver(*subject, way);
      wait_for_link(*subject, way);
    }
  }
}

void gate::deliver(connection& subject, direction way) {
  auto& queue = subject.way(way).queue;
  const bool stopped = links_[index_of(way)].shape().now == passage::stopped;
  if (stopped || subject.now == phase::closing || !subject.connected || queue.is_over()) {
    return;
  }
  if (send_due(subject, way)) {
    end_when_due(subject, way);
  }
  set_timer(subject, way);
}

bool gate::send_due(connection& subject, direction way) {
  auto& lane = subject.way(way);
  auto& end = subject.end(target_of(way));
  while (end.writable && end.socket) {
    auto most = lane.queue.due(now_);
    if (lane.limits.cut_after > 0) {
      most = std::min(most, lane.limits.cut_after - lane.queue.carried());
    }
    if (most == 0) {
      return true;
    }
    const auto bytes = lane.queue.bytes().readable(most);
    const auto sent = send_from(end.socket, bytes);
    if (sent.what != outcome::moved) {
      end.writable = false;
      return false;
    }
    lane.records.note(bytes, sent.size);
    lane.queue.carry(sent.size);
    held_ -= sent.size;
    if (lane.limits.cut_after > 0 && lane.queue.carried() >= lane.limits.cut_after) {
      cut(subject, "cut_after_bytes");
      return false;
    }
  }
  return false;
}

void gate::end_when_due(connection& subject, direction way) {
  const auto end = subject.way(way).queue.take_due_end(now_);
  if (!end) {
    return;
  }
  auto& target = subject.end(target_of(way)).socket;
  if (*end == lane_end::reset) {
    forget(subject);
    return;
  }
  send_fin(target);
  if (subject.lanes[0].queue.is_over() && subject.lanes[1].queue.is_over()) {
    for (auto& each : subject.ends) {
      each.socket.close();
    }
    forget(subject);
  }
}

void gate::set_timer(connection& subject, direction way) {
  auto& lane = subject.way(way);
  if (lane.timer) {
    timers_.erase({*lane.timer, subject.id, way});
    lane.timer.reset();
  }
  const auto next = lane.queue.next_release();
  const auto& target = subject.end(target_of(way));
  if (next && target.writable && target.socket) {
    lane.timer = *next;
    timers_.insert({*next, subject.id, way});
  }
}

}
