#include "waiting_room.hpp"

namespace httvps::backend::core {

waiting_room::seat::seat(waiting_room& room, const net::executor& runs_on)
    : room_(room), change_(runs_on), place_(room.seats_.insert(room.seats_.end(), this)) {}

waiting_room::seat::~seat() {
  room_.seats_.erase(place_);
}

std::unique_ptr<waiting_room::seat> waiting_room::enter() {
  if (closed_ || seats_.size() >= most_) {
    return nullptr;
  }
  auto taken = std::make_unique<seat>(*this, runs_on_);
  nudge();
  return taken;
}

void waiting_room::note_revision(std::optional<std::uint64_t> revision) {
  const bool is_news = revision && revision != revision_;
  revision_ = revision;
  if (is_news) {
    wake_all();
  }
}

void waiting_room::close() {
  closed_ = true;
  wake_all();
  nudge();
}

void waiting_room::wake_all() {
  for (auto* each : seats_) {
    each->change_.notify();
  }
}

}
