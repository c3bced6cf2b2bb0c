#pragma once

#include <cstdint>
#include <memory>

#include "httvps/net/event.hpp"
#include "httvps/net/scope.hpp"
#include "httvps/net/tcp.hpp"
#include "httvps/sdk/stream_port.hpp"
#include "socks/socks5.hpp"
#include "socks/socks_server.hpp"

namespace httvps::cli {

class udp_association;

struct udp_workspace;

struct socks_service {
  socks_options chosen;
  sdk::tunnel& through;
  net::scope& tasks;
  base::logger log;
  std::shared_ptr<socks_counts> counts = std::make_shared<socks_counts>();
  std::shared_ptr<udp_workspace> datagrams = {};
};

class socks_connection final : public std::enable_shared_from_this<socks_connection>,
                               private sdk::stream_handler {
 public:
  socks_connection(net::tcp_stream application, std::shared_ptr<socks_service> service);

  static net::task<> serve(std::shared_ptr<socks_connection> self);

 private:
  enum class progress : std::uint8_t { more, wants_input, wants_room, ended };
  enum class direction : std::uint8_t { open, ended };

  std::size_t on_data(base::byte_view bytes) override;
  void on_change(const sdk::stream_change& change) override;
  void on_finished();
  void on_failed(const base::error& reason);
  void drain_later();
  bool is_uploading() const noexcept;
  base::result<progress> move_up();
  base::result<progress> move_early();
  base::result<progress> move_some();
  base::result<progress> after_failed_read(const base::error& failure);
  base::result<> answer(const base::error& failure);
  void break_off();

  static net::task<socks_request> shake_hands(std::shared_ptr<socks_connection> self);
  base::result<std::optional<socks_request>> take(base::byte_view& input, socks5_reader& reader);
  static net::task<> stream(std::shared_ptr<socks_connection> self, wire::target target);
  static net::task<> associate(std::shared_ptr<socks_connection> self, wire::target announced);
  base::result<std::shared_ptr<udp_association>> make_association(const wire::target& announced);
  static net::task<> open(std::shared_ptr<socks_connection> self, wire::target target);
  static net::task<> upload(std::shared_ptr<socks_connection> self);
  static net::task<> move_all(std::shared_ptr<socks_connection> self);
  static net::task<> await_room(std::shared_ptr<socks_connection> self);
  static net::task<> drain(std::shared_ptr<socks_connection> self);

  net::tcp_stream application_;
  std::shared_ptr<socks_service> service_;
  base::byte_vector early_;
  net::event changed_;
  direction up_ = direction::open;
  direction down_ = direction::open;
  bool input_waits_ = false;
  bool draining_ = false;
  bool broken_ = false;
  sdk::stream_port port_;
};

}
