#include "bound/relay.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "common/error.hpp"

namespace httvps::bench {
namespace {

constexpr std::size_t buffer_size = 256 * base::kibibyte;
constexpr std::size_t records_per_send = buffer_size / record_room;
constexpr std::size_t largest_discard = 4 * base::mebibyte;

base::result<void> send_all(const descriptor& to, base::byte_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(to.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return base::fail(errc::send_failed);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return {};
}

class receive_buffer {
 public:
  receive_buffer() : bytes_(buffer_size) {}

  base::result<std::size_t> fill(const descriptor& from) {
    std::memmove(bytes_.data(), bytes_.data() + start_, end_ - start_);
    end_ -= start_;
    start_ = 0;
    const auto got = ::recv(from.get(), bytes_.data() + end_, bytes_.size() - end_, 0);
    if (got < 0) {
      return base::fail(errc::closed_early);
    }
    end_ += static_cast<std::size_t>(got);
    return static_cast<std::size_t>(got);
  }

  base::byte_span unread() noexcept {
    return base::byte_span(bytes_).subspan(start_, end_ - start_);
  }
  void drop(std::size_t size) noexcept { start_ += size; }

 private:
  base::byte_vector bytes_;
  std::size_t start_ = 0;
  std::size_t end_ = 0;
};

struct resealed {
  std::size_t size = 0;
  base::byte_count payload = 0;
};

base::result<resealed> reseal(receive_buffer& received, record_stream& opening,
                              std::pair<record_stream&, base::byte_span> out) {
  resealed done;
  for (;;) {
    HTTVPS_TRY(const auto record, opening.open(received.unread()));
    if (record.consumed == 0) {
      return done;
    }
    HTTVPS_TRY(const auto size, out.first.seal(record.payload, out.second.subspan(done.size)));
    received.drop(record.consumed);
    done.size += size;
    done.payload += record.payload.size();
  }
}

base::byte_vector first_payload() {
  base::byte_vector payload(record_payload);
  for (std::size_t place = 0; place < payload.size(); ++place) {
    payload[place] = static_cast<std::uint8_t>(place * 131 + place / 256);
  }
  return payload;
}

void number_payload(base::byte_vector& payload, std::uint64_t number) {
  std::memcpy(payload.data(), &number, sizeof number);
}

}

base::result<relayed> relay_records(const relay_ends& ends, record_stream& opening,
                                    record_stream& sealing) {
  receive_buffer received;
  base::byte_vector out(buffer_size + records_per_send * record_room);
  relayed total;
  for (;;) {
    HTTVPS_TRY(const auto got, received.fill(ends.from));
    if (got == 0) {
      break;
    }
    ++total.receives;
    HTTVPS_TRY(const auto done, reseal(received, opening, {sealing, out}));
    HTTVPS_CHECK(send_all(ends.to, base::byte_view(out).first(done.size)));
    total.payload += done.payload;
  }
  return received.unread().empty() ? base::result<relayed>(total) : base::fail(errc::closed_early);
}

base::result<void> send_records(const descriptor& to, record_stream& sealing,
                                base::byte_count payload) {
  auto block = first_payload();
  base::byte_vector out(buffer_size);
  std::uint64_t number = 0;
  for (base::byte_count sent = 0; sent < payload;) {
    std::size_t filled = 0;
    for (std::size_t place = 0; place < records_per_send && sent < payload; ++place) {
      number_payload(block, number++);
      HTTVPS_TRY(const auto size, sealing.seal(block, base::byte_span(out).subspan(filled)));
      filled += size;
      sent += block.size();
    }
    HTTVPS_CHECK(send_all(to, base::byte_view(out).first(filled)));
  }
  return {};
}

base::result<base::byte_count> verify_records(const descriptor& from, record_stream& opening) {
  receive_buffer received;
  auto expected = first_payload();
  std::uint64_t number = 0;
  for (;;) {
    HTTVPS_TRY(const auto got, received.fill(from));
    if (got == 0) {
      break;
    }
    for (;;) {
      HTTVPS_TRY(const auto record, opening.open(received.unread()));
      if (record.consumed == 0) {
        break;
      }
      number_payload(expected, number++);
      if (!std::ranges::equal(record.payload, expected)) {
        return base::fail(errc::wrong_length);
      }
      received.drop(record.consumed);
    }
  }
  return number * record_payload;
}

base::result<base::byte_count> discard_records(const descriptor& from) {
  base::byte_count total = 0;
  for (;;) {
    const auto got = ::recv(from.get(), nullptr, largest_discard, MSG_TRUNC);
    if (got < 0) {
      return base::fail(errc::closed_early);
    }
    if (got == 0) {
      return total;
    }
    total += static_cast<base::byte_count>(got);
  }
}

}
