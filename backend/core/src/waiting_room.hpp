#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>

#include "httvps/net/event.hpp"

namespace httvps::backend::core {

class waiting_room {
 public:
  class seat {
   public:
    seat(waiting_room& room, const net::executor& runs_on);
    seat(const seat&) = delete;
    seat& operator=(const seat&) = delete;
    ~seat();

    net::task<> wait(base::steady_time deadline) { return change_.wait(deadline); }

   private:
    friend class waiting_room;
    waiting_room& room_;
    net::event change_;
    std::list<seat*>::iterator place_;
  };

  waiting_room(const net::executor& runs_on, std::size_t most)
      : runs_on_(runs_on), most_(most), nudge_(runs_on) {}

  std::unique_ptr<seat> enter();
  void nudge() { nudge_.notify(); }
  net::task<> wait_for_nudge(base::steady_time deadline) { return nudge_.wait(deadline); }
  void note_revision(std::optional<std::uint64_t> revision);
  void close();

  std::size_t waiting() const noexcept { return seats_.size(); }
  bool is_closed() const noexcept { return closed_; }

 private:
  void wake_all();

  net::executor runs_on_;
  std::size_t most_;
  net::event nudge_;
  std::list<seat*> seats_;
  std::optional<std::uint64_t> revision_;
  bool closed_ = false;
};

}
