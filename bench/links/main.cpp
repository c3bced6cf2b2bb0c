#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <string_view>
#include <vector>

#include "carrier_pair.hpp"
#include "run_loop.hpp"

namespace httvps::bench {
namespace {

using net::testing::carrier_form;
using net::testing::carrier_pair;

constexpr std::size_t block_size = 64 * 1024;
constexpr double mebibyte = 1024.0 * 1024.0;

struct plan {
  std::size_t rounds = 9;
  std::uint64_t mebibytes = 128;
};

struct rates {
  std::vector<double> down;
  std::vector<double> up;
};

struct quartiles {
  double low = 0;
  double median = 0;
  double high = 0;
};

double cpu_seconds() {
  std::timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

quartiles quartiles_of(std::vector<double> values) {
  std::ranges::sort(values);
  const auto at = [&values](double share) {
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
  };
  return {.low = at(0.25), .median = at(0.5), .high = at(0.75)};
}

struct transfer {
  net::carrier_link* from;
  net::carrier_link* to;
  std::uint64_t left;
  std::uint64_t received = 0;
  std::uint64_t wanted;
};

base::result<> step(transfer& moved, base::byte_view block) {
  const auto sent = moved.from->send([&](base::byte_span space) -> std::size_t {
    const auto count = std::min<std::uint64_t>({space.size(), block.size(), moved.left});
    base::copy_bytes(space, block.first(count));
    moved.left -= count;
    return count;
  });
  HTTVPS_CHECK(sent);
  HTTVPS_CHECK(moved.to->receive([&](base::byte_view piece) { moved.received += piece.size(); }));
  HTTVPS_CHECK(moved.from->receive([](base::byte_view) {}));
  return {};
}

net::task<double> measure(carrier_pair* links, net::carrier_link* from, std::uint64_t bytes) {
  const base::byte_vector block(block_size, 0x5a);
  auto* to = from == links->server.get() ? links->client.get() : links->server.get();
  transfer moved{.from = from, .to = to, .left = bytes, .wanted = bytes};
  const auto began = cpu_seconds();
  while (moved.received < moved.wanted) {
    HTTVPS_CO_CHECK(step(moved, block));
  }
  co_return static_cast<double>(bytes) / mebibyte / (cpu_seconds() - began);
}

net::task<> run_round(const net::testing::test_certificate* certificate, carrier_form form,
                      std::uint64_t bytes, rates* into) {
  HTTVPS_CO_TRY(auto links, co_await net::testing::connect_carriers(certificate, form));
  HTTVPS_CO_TRY(const auto warm, co_await measure(&links, links.server.get(), bytes / 8));
  HTTVPS_CO_TRY(const auto down, co_await measure(&links, links.server.get(), bytes));
  HTTVPS_CO_TRY(const auto up, co_await measure(&links, links.client.get(), bytes));
  into->down.push_back(warm > 0 ? down : 0);
  into->up.push_back(up);
  co_return base::result<>();
}

struct comparison {
  rates http1;
  rates http2;
  base::error failure;
};

net::asio::awaitable<void> compare(plan chosen, comparison* into) {
  const net::testing::test_certificate certificate("gateway.test");
  const auto bytes = chosen.mebibytes * 1024 * 1024;
  for (std::size_t round = 0; round < chosen.rounds && !into->failure; ++round) {
    const bool http2_first = round % 2 == 1;
    for (const bool second : {false, true}) {
      const auto form = http2_first == second ? carrier_form::http1 : carrier_form::http2;
      auto* rates = form == carrier_form::http1 ? &into->http1 : &into->http2;
      const auto done = co_await run_round(&certificate, form, bytes, rates);
      into->failure = done ? into->failure : done.error();
    }
  }
}

std::vector<double> ratios(const std::vector<double>& over, const std::vector<double>& under) {
  std::vector<double> out;
  std::ranges::transform(over, under, std::back_inserter(out), std::divides<>());
  return out;
}

std::string shown(std::string_view name, const std::vector<double>& values) {
  const auto found = quartiles_of(values);
  return fmt::format(R"("{}":{{"q1":{:.3f},"median":{:.3f},"q3":{:.3f}}})", name, found.low,
                     found.median, found.high);
}

std::string report(const comparison& seen, const plan& chosen) {
  return fmt::format(R"({{"mode":"links","rounds":{},"mebibytes":{},{},{},{},{},{},{}}})",
                     chosen.rounds, chosen.mebibytes, shown("http1_down", seen.http1.down),
                     shown("http2_down", seen.http2.down), shown("http1_up", seen.http1.up),
                     shown("http2_up", seen.http2.up),
                     shown("ratio_down", ratios(seen.http2.down, seen.http1.down)),
                     shown("ratio_up", ratios(seen.http2.up, seen.http1.up)));
}

}
}

int main(int count, char** arguments) {
  using namespace httvps;
  bench::plan chosen;
  const auto number = [&](int index, auto& into) {
    if (count > index) {
      const std::string_view text(arguments[index]);
      std::from_chars(text.data(), text.data() + text.size(), into);
    }
  };
  number(1, chosen.rounds);
  number(2, chosen.mebibytes);
  bench::comparison seen;
  net::asio::io_context loop(1);
  net::asio::co_spawn(loop, bench::compare(chosen, &seen), [](const std::exception_ptr&) {});
  loop.run();
  if (seen.failure) {
    fmt::print(stderr, "{}\n", seen.failure.message());
    return 1;
  }
  fmt::print("{}\n", bench::report(seen, chosen));
  return 0;
}
