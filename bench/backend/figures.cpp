#include "backend/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <thread>

#include "backend/bare_endpoint.hpp"
#include "backend/cpu_meter.hpp"
#include "backend/usage_of_process.hpp"

namespace httvps::bench {
namespace {

constexpr std::string_view validate_path = "/api/v1/auth/validate-device";
constexpr std::string_view assign_path = "/api/v1/nodes/assign-outline";
constexpr std::string_view allowed = "\"allow\":true";
constexpr std::string_view assigned = "\"sealed_key\"";
constexpr std::size_t few_requests = 5;
constexpr std::chrono::seconds rest{3};
constexpr std::chrono::milliseconds warm_up{2000};
constexpr std::size_t busy_connections = 32;
constexpr double kib_a_mib = 1024;

double median_of(std::vector<double> values) {
  std::ranges::sort(values);
  return values.empty() ? 0 : values[values.size() / 2];
}

struct busy_server {
  explicit busy_server(pid_t process) : meter(process) {}

  void note(const volley_outcome& outcome) {
    meter.stop(outcome.milliseconds.size());
    rates.push_back(outcome.rate());
  }

  cpu_meter meter;
  std::vector<double> rates;
};

}

void measured::add(std::string_view name, double value) {
  figures[name] = value;
}

void measured::add_reason(std::string_view name, const std::string& reason) {
  reasons[name] = reason;
}

std::string bench_run::post(std::string_view path, std::string_view credential,
                            std::string body) const {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: backend\r\nAuthorization: Bearer {}\r\n"
      "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
      path, credential, body.size(), body);
}

std::string bench_run::validation(std::size_t number) const {
  return post(validate_path, world_.credential(number),
              fmt::format(R"({{"token":"{}","session":"{:016x}"}})", world_.token(number), number));
}

std::string bench_run::assignment(std::size_t number) const {
  return post(assign_path, world_.credential(number),
              fmt::format(R"({{"token":"{}","region":""}})", world_.token(number)));
}

volley_outcome bench_run::fire(const std::string& address, const shot& wanted) const {
  const auto target = parse_endpoint(address);
  const volley_order order{.target = *target,
                           .request = wanted.request,
                           .expected = wanted.expected,
                           .connections = wanted.connections,
                           .per_second = wanted.per_second,
                           .stages = wanted.stages,
                           .length = wanted.length.count() == 0 ? pace_.length : wanted.length};
  auto outcome = run_volley(order);
  if (!outcome) {
    throw std::runtime_error(fmt::format("{}: {}", wanted.name, base::label_of(outcome.error())));
  }
  return *std::move(outcome);
}

bool bench_run::is_clean(std::string_view name, const volley_outcome& outcome) {
  if (outcome.refused > 0) {
    into_.add_reason(name, fmt::format("{} of {} requests were refused, first: {}", outcome.refused,
                                       outcome.milliseconds.size(), outcome.first_refusal));
  } else if (outcome.unanswered > 0) {
    into_.add_reason(name, fmt::format("{} of {} requests had no answer in time",
                                       outcome.unanswered, outcome.milliseconds.size()));
  }
  return outcome.refused == 0;
}

volley_outcome bench_run::fire_metered(std::string_view name, const shot& wanted) {
  const auto& server = *world_.walk().process;
  cpu_meter meter(server.id());
  meter.start();
  auto outcome = fire(server.address(), wanted);
  meter.stop(outcome.milliseconds.size());
  meter.add_to(into_, name);
  return outcome;
}

void bench_run::measure_rest() {
  world_.walk().restart();
  for (std::size_t i = 0; i < few_requests; ++i) {
    const auto answer = world_.walk().api->post(
        validate_path, world_.credential(i),
        {{"token", world_.token(i)}, {"session", fmt::format("{:016x}", i)}});
    if (answer.status != 200) {
      throw std::runtime_error("validate-device: " + answer.body);
    }
  }
  std::this_thread::sleep_for(rest);
  into_.add("rest_mib",
            static_cast<double>(resident_kib_of(world_.walk().process->id())) / kib_a_mib);
}

void bench_run::measure_validation() {
  const shot wanted{
      .name = "validate",
      .request = [this](std::size_t number, std::size_t) { return validation(number); },
      .expected = std::string(allowed),
      .per_second = pace_.validations_a_second};
  auto warm = wanted;
  warm.length = warm_up;
  fire(world_.walk().process->address(), warm);
  const auto outcome = fire_metered("validate", wanted);
  if (is_clean("validate_p95_ms", outcome)) {
    into_.add("validate_rate", outcome.rate());
    into_.add("validate_p50_ms", outcome.quantile(0.5));
    into_.add("validate_p95_ms", outcome.quantile(0.95));
  }
}

bench_run::shot bench_run::bare_select() const {
  const auto devices = world_.people().devices;
  return {.name = "bare",
          .request =
              [devices](std::size_t number, std::size_t) {
                return fmt::format("GET /devices/{} HTTP/1.1\r\nHost: bare\r\n\r\n",
                                   id_text("dev_", number % devices + 1));
              },
          .expected = "active",
          .connections = busy_connections,
          .length = pace_.round};
}

bench_run::shot bench_run::busy_validation() const {
  return {.name = "validate",
          .request = [this](std::size_t number, std::size_t) { return validation(number); },
          .expected = std::string(allowed),
          .connections = busy_connections,
          .length = pace_.round};
}

void bench_run::measure_against_bare(const std::string& bare_program) {
  const bare_endpoint bare(bare_program, world_.walk().folder.dsn());
  const auto& backend = *world_.walk().process;
  busy_server theirs(bare.process());
  busy_server ours(backend.id());
  std::vector<double> ratios;
  for (std::size_t i = 0; i < pace_.rounds; ++i) {
    theirs.meter.start();
    const auto one = fire(bare.address(), bare_select());
    theirs.note(one);
    ours.meter.start();
    const auto other = fire(backend.address(), busy_validation());
    ours.note(other);
    if (!is_clean("validate_over_bare", one) || !is_clean("validate_over_bare", other)) {
      return;
    }
    ratios.push_back(other.rate() / one.rate());
  }
  theirs.meter.add_to(into_, "bare");
  ours.meter.add_to(into_, "validate_most");
  into_.add("bare_rate", median_of(theirs.rates));
  into_.add("validate_most_rate", median_of(ours.rates));
  into_.add("validate_over_bare", median_of(ratios));
}

void bench_run::measure_assignment() {
  const shot wanted{
      .name = "assign",
      .request = [this](std::size_t number, std::size_t) { return assignment(number); },
      .expected = std::string(assigned),
      .per_second = pace_.assignments_a_second};
  const auto outcome = fire_metered("assign", wanted);
  if (is_clean("assign_p95_ms", outcome)) {
    into_.add("assign_p50_ms", outcome.quantile(0.5));
    into_.add("assign_p95_ms", outcome.quantile(0.95));
  }
}

void bench_run::measure_arrivals() {
  const std::chrono::duration<double> length = pace_.length;
  const shot wanted{.name = "arrival",
                    .request =
                        [this](std::size_t number, std::size_t stage) {
                          return stage == 0 ? validation(number) : assignment(number);
                        },
                    .per_second = static_cast<double>(pace_.arrivals) / length.count(),
                    .stages = 2};
  const auto outcome = fire(world_.walk().process->address(), wanted);
  if (is_clean("arrival_p95_ms", outcome)) {
    into_.add("arrival_p50_ms", outcome.quantile(0.5));
    into_.add("arrival_p95_ms", outcome.quantile(0.95));
  }
}

}
