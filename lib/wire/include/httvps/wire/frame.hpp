#pragma once

#include <cstdint>
#include <iterator>
#include <string_view>
#include <variant>

#include "httvps/wire/types.hpp"

namespace httvps::wire {

enum class frame_kind : std::uint64_t {
  pad = 0x00,
  hello = 0x01,
  welcome = 0x02,
  refuse = 0x03,
  challenge = 0x04,
  open = 0x05,
  data = 0x06,
  fin = 0x07,
  reset = 0x08,
  stop = 0x09,
  window = 0x0a,
  ack = 0x0b,
  datagram = 0x0c,
  ping = 0x0d,
  pong = 0x0e,
  policy = 0x0f,
  carrier = 0x10,
  goaway = 0x11,
  notice = 0x12,
};

inline constexpr std::uint64_t first_skippable_kind = 0x40;

enum class capability : std::uint64_t {
  datagrams = 1U << 0U,
  several_carriers = 1U << 1U,
  policies = 1U << 2U,
};

enum class proof_kind : std::uint8_t { channel = 0, challenge = 1 };
enum class delivery : std::uint8_t { immediate = 0, after_data = 1 };
enum class creation : std::uint8_t { forbidden = 0, permitted = 1 };

template <typename Entry>
class entry_list {
 public:
  class iterator {
   public:
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;

    iterator() = default;
    explicit iterator(byte_view rest) : rest_(rest) { read(); }
    const Entry& operator*() const { return current_; }
    iterator& operator++() {
      read();
      return *this;
    }
    void operator++(int) { read(); }
    bool operator==(std::default_sentinel_t) const { return done_; }

   private:
    void read();
    byte_view rest_;
    Entry current_{};
    bool done_ = true;
  };

  entry_list() = default;
  entry_list(byte_view raw, std::size_t count) : raw_(raw), count_(count) {}
  iterator begin() const { return iterator(raw_); }
  std::default_sentinel_t end() const { return {}; }
  std::size_t size() const noexcept { return count_; }
  byte_view raw() const noexcept { return raw_; }

 private:
  byte_view raw_;
  std::size_t count_ = 0;
};

using offset_list = entry_list<stream_offset>;
using receive_state_list = entry_list<receive_state>;

struct pad_frame {
  std::size_t size = 0;
};

struct hello_frame {
  std::uint64_t version = 0;
  std::uint64_t capabilities = 0;
  session_id session{};
  carrier_number carrier{};
  creation may_create = creation::forbidden;
  proof_kind proof = proof_kind::channel;
  byte_view signature;
  process_epoch epoch{};
  byte_count down_budget = 0;
  byte_count session_limit = 0;
  receive_state_list streams;
};

struct welcome_frame {
  std::uint64_t version = 0;
  std::uint64_t capabilities = 0;
  process_epoch epoch{};
  std::uint64_t detached_seconds = 0;
  byte_count session_limit = 0;
  std::string_view direct_host;
  receive_state_list streams;
};

struct refuse_frame {
  std::uint64_t code = 0;
  std::uint64_t retry_after_seconds = 0;
  std::string_view sentence;
};

struct challenge_frame {
  byte_view nonce;
};

struct open_frame {
  stream_id stream{};
  wire::target target;
  byte_view payload;
};

struct data_frame {
  stream_id stream{};
  byte_count offset = 0;
  byte_view payload;
};

struct fin_frame {
  stream_id stream{};
  byte_count final_offset = 0;
};

struct reset_frame {
  stream_id stream{};
  std::uint64_t code = 0;
  delivery when = delivery::immediate;
  byte_count final_offset = 0;
};

struct stop_frame {
  stream_id stream{};
  std::uint64_t code = 0;
};

struct window_frame {
  byte_count session_limit = 0;
  offset_list streams;
};

struct ack_frame {
  offset_list streams;
};

struct datagram_frame {
  std::uint64_t flow = 0;
  wire::target target;
  byte_view payload;
};

struct ping_frame {
  base::byte_array<8> opaque{};
};

struct pong_frame {
  base::byte_array<8> opaque{};
};

struct policy_frame {
  std::uint64_t version = 0;
  byte_view document;
};

struct carrier_frame {
  carrier_number carrier{};
  byte_count down_budget = 0;
  carrier_number suspect{};
  byte_count bytes_sent = 0;
};

struct goaway_frame {
  std::uint64_t code = 0;
  stream_id last_accepted{};
  std::uint64_t drain_milliseconds = 0;
  byte_view gateways;
};

struct notice_frame {
  std::uint64_t code = 0;
  std::string_view sentence;
};

using frame = std::variant<pad_frame, hello_frame, welcome_frame, refuse_frame, challenge_frame,
                           open_frame, data_frame, fin_frame, reset_frame, stop_frame, window_frame,
                           ack_frame, datagram_frame, ping_frame, pong_frame, policy_frame,
                           carrier_frame, goaway_frame, notice_frame>;

}
