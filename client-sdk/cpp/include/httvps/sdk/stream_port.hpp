#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"
#include "httvps/wire/errc.hpp"
#include "httvps/wire/types.hpp"

namespace httvps::sdk {

class session_link;

enum class stream_change_kind : std::uint8_t { writable, finished, stopped, failed };

struct stream_change {
  stream_change_kind kind = stream_change_kind::writable;
  base::error reason = {};
};

class stream_handler {
 public:
  virtual ~stream_handler() = default;
  virtual std::size_t on_data(base::byte_view bytes) = 0;
  virtual void on_change(const stream_change& change) = 0;
};

class stream_port {
 public:
  stream_port() = default;
  stream_port(stream_port&& other) noexcept;
  stream_port& operator=(stream_port&& other) noexcept;
  stream_port(const stream_port&) = delete;
  stream_port& operator=(const stream_port&) = delete;
  ~stream_port();

  bool is_open() const noexcept { return link_ != nullptr; }

  base::byte_span reserve(std::size_t wanted);
  void commit(std::size_t count);
  std::size_t write(base::byte_view bytes);
  std::size_t send_room() const;
  void await_room(std::size_t wanted);

  base::byte_view peek() const;
  void consume(std::size_t count);

  void finish();
  void stop(wire::errc code);
  void reset(wire::errc code);

 private:
  friend class session_link;
  stream_port(std::shared_ptr<session_link> link, wire::stream_id stream) noexcept;

  std::shared_ptr<session_link> link_;
  wire::stream_id stream_{};
};

}
