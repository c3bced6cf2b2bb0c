#include "backend/cpu_meter.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "backend/figures.hpp"
#include "backend/usage_of_process.hpp"
#include "support/postgresql_server.hpp"

namespace httvps::bench {
namespace {

constexpr double microseconds_a_second = 1e6;

}

cpu_meter::reading cpu_meter::read() const {
  return {.server = cpu_seconds_of(server_),
          .database = cpu_seconds_with_children(test_servers::shared_postgresql().id()),
          .generator = cpu_seconds_of(::getpid())};
}

void cpu_meter::stop(std::size_t requests) {
  const auto now = read();
  used_.server += now.server - started_.server;
  used_.database += now.database - started_.database;
  used_.generator += now.generator - started_.generator;
  requests_ += requests;
}

void cpu_meter::add_to(measured& into, std::string_view name) const {
  if (requests_ == 0) {
    return;
  }
  const auto each = microseconds_a_second / static_cast<double>(requests_);
  into.add(fmt::format("{}_server_us", name), used_.server * each);
  into.add(fmt::format("{}_database_us", name), used_.database * each);
  into.add(fmt::format("{}_generator_us", name), used_.generator * each);
}

}
