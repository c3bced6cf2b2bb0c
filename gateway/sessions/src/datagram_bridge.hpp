#pragma once

#include "httvps/gateway/sessions/hosted_session.hpp"

namespace httvps::gateway {

class datagram_bridge final : public datagram_sink {
 public:
  explicit datagram_bridge(hosted_session& host);
  datagram_bridge(const datagram_bridge&) = delete;
  datagram_bridge& operator=(const datagram_bridge&) = delete;
  ~datagram_bridge() override;

  void accept(const wire::datagram_frame& datagram);
  void on_datagram(const datagram& arrived) override;
  void on_sent(base::byte_count payload) override;

 private:
  using weak_session = std::weak_ptr<carriage::carried_session>;

  static net::task<> forget_idle(weak_session weak);
  static std::optional<base::steady_time> next_idle(const weak_session& weak);
  void watch();
  void note_dropped();

  hosted_session& host_;
  datagram_relay relay_;
  std::uint64_t dropped_ = 0;
  bool watching_ = false;
};

}
