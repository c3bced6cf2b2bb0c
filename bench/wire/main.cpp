#include <cstdio>
#include <cstdlib>
#include <vector>

#include "httvps/base/random.hpp"
#include "httvps/wire/session.hpp"

namespace {

using namespace httvps;
using namespace std::chrono_literals;

class counting_sink final : public wire::data_sink {
 public:
  void on_datagram(const wire::datagram_frame&) override {}
  std::size_t on_data(wire::stream_id, wire::byte_view payload) override {
    received_ += payload.size();
    return payload.size();
  }
  base::byte_count received() const noexcept { return received_; }

 private:
  base::byte_count received_ = 0;
};

struct side {
  explicit side(wire::role role, std::uint64_t seed)
      : random(seed), session({.role = role, .limits = {}}, pool, random) {}
  base::seeded_random random;
  base::slab_pool pool{64 * base::mebibyte};
  counting_sink sink;
  wire::session session;
};

class bulk {
 public:
  bulk(std::size_t streams, std::size_t write) : write_(write), buffer_(65536) {
    if (!client_.session.attach({.carrier = carrier_}, now_)) {
      std::abort();
    }
    greet();
    for (std::size_t i = 0; i < streams; ++i) {
      const wire::ipv4_target where{{127, 0, 0, 1}, 80};
      streams_.push_back(client_.session.open(where, {}, now_).value());
    }
    exchange();
  }

  void run(std::uint64_t frames) {
    while (written_ < frames * write_) {
      now_ += 20us;
      for (const auto stream : streams_) {
        push(stream);
      }
      exchange();
      while (client_.session.poll_event() || gateway_.session.poll_event()) {
      }
    }
  }

  base::byte_count received() const { return client_.sink.received(); }

 private:
  void greet() {
    base::byte_vector hello(buffer_.size());
    const auto size = client_.session.produce(carrier_, hello, now_);
    wire::frame_reader reader;
    wire::byte_view rest = wire::byte_view(hello).first(size);
    if (!reader.next(rest) || !gateway_.session.attach({.carrier = carrier_}, now_)) {
      std::abort();
    }
    exchange();
  }

  void push(wire::stream_id stream) {
    const auto space = gateway_.session.reserve(stream, write_);
    if (space.size() >= write_) {
      gateway_.session.commit(stream, write_);
      written_ += write_;
    }
  }

  void step(side& from, side& to) {
    if (!from.session.has_output(carrier_, now_)) {
      return;
    }
    const auto size = from.session.produce(carrier_, buffer_, now_);
    const auto flight = wire::byte_view(buffer_).first(size);
    if (!to.session.receive(carrier_, flight, to.sink, now_)) {
      std::abort();
    }
  }

  void exchange() {
    step(gateway_, client_);
    step(client_, gateway_);
  }

  side client_{wire::role::client, 1};
  side gateway_{wire::role::gateway, 2};
  wire::carrier_number carrier_{1};
  std::vector<wire::stream_id> streams_;
  std::size_t write_;
  base::byte_count written_ = 0;
  base::byte_vector buffer_;
  base::steady_time now_{1h};
};

std::uint64_t number(const char* text) {
  return std::strtoull(text, nullptr, 10);
}

}

int main(int count, char** arguments) {
  if (count != 4) {
    std::fputs("usage: wire_frames STREAMS BYTES_A_FRAME FRAMES\n", stderr);
    return 2;
  }
  bulk load(number(arguments[1]), number(arguments[2]));
  load.run(number(arguments[3]));
  std::printf("%llu bytes received\n", static_cast<unsigned long long>(load.received()));
  return 0;
}
