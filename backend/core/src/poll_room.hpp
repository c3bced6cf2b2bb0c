#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "httvps/backend/api/control_api.hpp"
#include "httvps/base/metrics.hpp"
#include "httvps/net/event.hpp"

namespace httvps::backend::core {

enum class poll_end { released, refused };

class poll_room {
 public:
  poll_room(std::size_t places, base::metric_registry& metrics);
  poll_room(const poll_room&) = delete;
  poll_room& operator=(const poll_room&) = delete;
  ~poll_room() = default;

  net::asio::awaitable<poll_end> wait(api::held_poll held);
  void release(const std::vector<api::topic_revision>& revisions);
  void close();
  bool is_empty() const noexcept { return waiting_.empty(); }

 private:
  struct place {
    place(const net::executor& runs_on, api::held_poll held)
        : left(runs_on), poll(std::move(held)) {}
    net::event left;
    api::held_poll poll;
  };

  void leave(const std::shared_ptr<place>& mine);

  std::size_t places_;
  bool is_closed_ = false;
  std::map<std::string, std::shared_ptr<place>> waiting_;
  base::gauge occupied_;
  base::counter refused_;
};

}
