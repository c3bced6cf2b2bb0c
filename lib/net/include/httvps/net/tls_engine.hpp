#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"
#include "httvps/net/tls_context.hpp"

struct ssl_session_st;

namespace httvps::net {

class ciphertext_buffer {
 public:
  ciphertext_buffer() = default;
  explicit ciphertext_buffer(std::size_t capacity);
  ciphertext_buffer(ciphertext_buffer&& other) noexcept;
  ciphertext_buffer& operator=(ciphertext_buffer&& other) noexcept;
  ~ciphertext_buffer() = default;

  void append(base::byte_view bytes);
  void drop_front(std::size_t count) noexcept;
  void clear() noexcept;
  void release() noexcept;
  base::byte_view view() const noexcept { return {memory_.get() + start_, filled_ - start_}; }
  std::size_t size() const noexcept { return filled_ - start_; }
  bool empty() const noexcept { return filled_ == start_; }

 private:
  void grow(std::size_t wanted);

  std::unique_ptr<std::uint8_t[]> memory_;
  std::size_t capacity_ = 0;
  std::size_t start_ = 0;
  std::size_t filled_ = 0;
};

class tls_ticket {
 public:
  tls_ticket() = default;
  explicit operator bool() const noexcept { return session_ != nullptr; }

 private:
  friend class tls_engine;
  std::shared_ptr<ssl_session_st> session_;
};

inline constexpr std::size_t tls_tickets_kept = 4;

struct tls_target {
  std::string server_name;
  tls_ticket ticket = {};
  std::vector<std::string> alpn = {};
};

enum class tls_progress { finished, wants_input };

class tls_engine {
 public:
  static base::result<tls_engine> make_server(const tls_context& context);
  static base::result<tls_engine> make_client(const tls_context& context, tls_target target);
  tls_engine(tls_engine&&) noexcept;
  tls_engine& operator=(tls_engine&&) noexcept;
  ~tls_engine();

  base::result<tls_progress> handshake(base::byte_view& input, ciphertext_buffer& output);
  base::result<std::size_t> read(base::byte_view& input, base::byte_span plain,
                                 ciphertext_buffer& output);
  base::result<> write(base::byte_view plain, ciphertext_buffer& output);
  void close(ciphertext_buffer& output);

  bool is_handshake_finished() const noexcept;
  bool has_pending() const noexcept;
  tls_version version() const noexcept;
  bool is_resumed() const noexcept;
  std::string_view alpn() const noexcept;
  std::string_view cipher() const noexcept;
  base::result<base::byte_array<32>> channel_binding() const;
  std::optional<spki_digest> peer_spki() const;
  std::vector<tls_ticket> take_tickets();

 private:
  struct state;
  explicit tls_engine(std::unique_ptr<state> inner) noexcept;

  std::unique_ptr<state> state_;
};

}
