#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/support/deployment.hpp"
#include "gateway/support/event_loop.hpp"
#include "httvps/base/slab.hpp"
#include "httvps/net/carrier_link.hpp"
#include "httvps/wire/session.hpp"

namespace httvps::testing {

struct gateway_place {
  std::uint16_t port = 0;
  net::spki_digest pin{};
  std::string gateway_id;
  std::string path;
  std::string cookie;
};

using knock_maker =
    std::function<base::result<std::string>(const identity::channel_binding& binding)>;

knock_maker access_knock(std::string token, const test_device& device);
knock_maker ticket_knock(std::string ticket, const test_device& device);

enum class carrier_http { http1, http2 };

struct tunnel_options {
  gateway_place place;
  knock_maker knock;
  wire::session_id id = base::secure_random().take<16>();
  carrier_http http = carrier_http::http1;
  base::byte_count down_budget = 0;
};

struct stream_view {
  base::byte_vector received;
  bool finished = false;
  std::optional<wire::errc> reset;

  bool is_over() const noexcept { return finished || reset.has_value(); }
};

class tunnel final : private wire::data_sink {
 public:
  explicit tunnel(tunnel_options chosen);
  tunnel(const tunnel&) = delete;
  tunnel& operator=(const tunnel&) = delete;
  ~tunnel() override;

  bool wait(const std::function<bool()>& condition,
            std::chrono::milliseconds limit = std::chrono::seconds(20));
  bool wait_until_open();
  bool wait_until_over();
  void let_run(std::chrono::milliseconds span);

  wire::stream_id open(wire::target where, base::byte_view first = {});
  void write(wire::stream_id stream, base::byte_view bytes);
  void finish(wire::stream_id stream);
  void stop(wire::stream_id stream);
  bool send_datagram(wire::target to, base::byte_view payload);
  void stop_reading() { reading_ = false; }
  void close();
  void cut();
  void go_on(knock_maker knock);
  bool wait_until_carried();
  void limit_carriers_to(base::byte_count down_budget) { chosen_.down_budget = down_budget; }
  base::byte_count received_on_carrier() const {
    return link_->stream().ciphertext_traffic().received;
  }

  const stream_view& view(wire::stream_id stream) { return streams_[stream].seen; }
  bool is_open() const noexcept { return open_; }
  bool is_over() const noexcept { return refused_ || lost_ || ended_; }
  const std::optional<wire::session_refused>& refused() const noexcept { return refused_; }
  const std::optional<wire::peer_going_away>& farewell() const noexcept { return farewell_; }
  const std::vector<wire::notice_received>& notices() const noexcept { return notices_; }
  const std::vector<wire::policy_received>& policies() const noexcept { return policies_; }
  const base::error& failure() const noexcept { return failure_; }
  const std::vector<base::byte_vector>& datagrams() const noexcept { return datagrams_; }
  const wire::session_id& id() const noexcept { return chosen_.id; }

 private:
  struct stream_state {
    stream_view seen;
    base::byte_vector pending;
    std::size_t written = 0;
    bool finish_wanted = false;
  };

  net::task<> live(wire::carrier_number number);
  net::task<> carry(wire::carrier_number number);
  net::task<std::unique_ptr<net::carrier_link>> dial();
  net::task<> read_until_closed(wire::carrier_number number, net::carrier_link* link);
  net::task<> wait_writable();
  void service();
  void handle(const wire::session_event& event);
  void push();
  void flush();
  std::size_t on_data(wire::stream_id stream, base::byte_view payload) override;
  void on_datagram(const wire::datagram_frame& datagram) override;

  event_loop loop_;
  tunnel_options chosen_;
  base::slab_pool pool_{256 * base::mebibyte};
  wire::session session_;
  std::unique_ptr<net::carrier_link> link_;
  std::vector<std::unique_ptr<net::carrier_link>> former_;
  wire::carrier_number carrier_{1};
  wire::carrier_number ready_{};
  std::map<wire::stream_id, stream_state> streams_;
  std::vector<base::byte_vector> datagrams_;
  std::optional<wire::session_refused> refused_;
  std::optional<wire::peer_going_away> farewell_;
  std::vector<wire::notice_received> notices_;
  std::vector<wire::policy_received> policies_;
  base::error failure_;
  bool open_ = false;
  bool lost_ = false;
  bool ended_ = false;
  bool blocked_ = false;
  bool reading_ = true;
};

wire::target loopback_target(std::uint16_t port);

}
