#include <algorithm>

#include "session_core.hpp"

namespace httvps::wire {
namespace {

void lower(std::optional<base::steady_time>& least, std::optional<base::steady_time> other) {
  if (other && (!least || *other < *least)) {
    least = other;
  }
}

}

void session::core::schedule_stream_tick(base::steady_time when) {
  lower(next_stream_tick_, when);
}

std::optional<base::steady_time> session::core::deadline() const {
  if (ended_) {
    return std::nullopt;
  }
  std::optional<base::steady_time> least = next_stream_tick_;
  lower(least, retry_room_at_);
  lower(least, datagrams_.deadline());
  if (detached_since_) {
    lower(least, *detached_since_ + options_.limits.detached_for);
  } else {
    lower(least, acknowledger_.deadline());
  }
  for (const auto& each : lost_) {
    lower(least, each.settle_at);
  }
  for (const auto& carrier : carriers_) {
    if (!carrier->failed) {
      lower(least, carrier->last_heard + options_.limits.carrier_silence);
      lower(least, suspicion_at(*carrier));
      lower(least, probe_at(*carrier));
    }
  }
  return least;
}

void session::core::tick_carriers(base::steady_time now) {
  for (const auto& carrier : carriers_) {
    tick_carrier(*carrier, now);
  }
  settle_losses(now);
}

void session::core::tick(base::steady_time now) {
  if (ended_) {
    return;
  }
  now_ = now;
  tick_carriers(now);
  acknowledger_.ripen(now);
  datagrams_.expire(now);
  if (detached_since_ && now - *detached_since_ >= options_.limits.detached_for) {
    end(errc::carrier_lost);
    return;
  }
  if (next_stream_tick_ && now >= *next_stream_tick_) {
    next_stream_tick_.reset();
    tick_streams(now);
  }
  if (retry_room_at_ && now >= *retry_room_at_) {
    retry_room_at_.reset();
    report_writable();
  }
}

void session::core::tick_streams(base::steady_time now) {
  std::vector<stream_id> idle;
  for (auto& [id, each] : streams_) {
    tick_stalled(each, now);
    const bool half_closed =
        each.sending.end_state().has_value() != each.receiving.end_state().has_value();
    if (!half_closed) {
      continue;
    }
    if (now - each.last_progress >= options_.limits.half_closed_idle) {
      idle.push_back(id);
    } else {
      schedule_stream_tick(each.last_progress + options_.limits.half_closed_idle);
    }
  }
  for (const auto id : idle) {
    kill(*find(id), errc::half_closed_idle, now);
  }
  enforce_unread_limit(now);
}

void session::core::tick_stalled(stream& each, base::steady_time now) {
  const byte_count buffered = each.receiving.buffered();
  if (buffered == 0) {
    return;
  }
  if (now - each.unread_since >= options_.limits.stalled_after && buffered > each.credited_unread) {
    session_consumed_ += buffered - each.credited_unread;
    each.credited_unread = buffered;
    acknowledger_.note_credited(now);
  }
  schedule_stream_tick(now + options_.limits.stalled_after);
}

}
