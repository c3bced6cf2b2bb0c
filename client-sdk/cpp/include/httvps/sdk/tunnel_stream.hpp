#pragma once

#include <memory>

#include "httvps/net/byte_stream.hpp"
#include "httvps/sdk/session_link.hpp"

namespace httvps::sdk {

class tunnel_stream final : public net::byte_stream {
 public:
  static base::result<tunnel_stream> open(const std::shared_ptr<session_link>& link,
                                          wire::target where);
  tunnel_stream(tunnel_stream&&) noexcept;
  tunnel_stream& operator=(tunnel_stream&&) noexcept;
  ~tunnel_stream() override;

  base::result<std::size_t> try_read(base::byte_span space) override;
  net::task<std::size_t> read_some(base::byte_span space, base::steady_time deadline) override;
  net::task<> write_all(base::byte_view bytes, base::steady_time deadline) override;
  net::task<> close(base::steady_time deadline) override;
  void finish();
  void reset();

 private:
  struct state;
  explicit tunnel_stream(std::shared_ptr<state> shared) noexcept;

  std::shared_ptr<state> state_;
};

}
