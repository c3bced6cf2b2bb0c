#include "backend/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <thread>

#include "backend/bare_endpoint.hpp"
#include "backend/usage_of_process.hpp"
#include "support/postgresql_server.hpp"

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
constexpr double microseconds_a_second = 1e6;
constexpr double kib_a_mib = 1024;

double median_of(std::vector<double> values) {
  std::ranges::sort(values);
  return values.empty() ? 0 : values[values.size() / 2];
}

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

bench_run::cpu_reading bench_run::cpu() const {
  return {.backend = cpu_seconds_of(world_.walk().process->id()),
          .database = cpu_seconds_with_children(test_servers::shared_postgresql().id())};
}

void bench_run::note_cpu(std::string_view name, const cpu_reading& before,
                         const volley_outcome& outcome) {
  const auto after = cpu();
  const auto each = microseconds_a_second / static_cast<double>(outcome.milliseconds.size());
  into_.add(fmt::format("{}_backend_us", name), (after.backend - before.backend) * each);
  into_.add(fmt::format("{}_database_us", name), (after.database - before.database) * each);
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
  const auto before = cpu();
  const auto outcome = fire(world_.walk().process->address(), wanted);
  note_cpu("validate", before, outcome);
  if (is_clean("validate_p95_ms", outcome)) {
    into_.add("validate_rate", outcome.rate());
    into_.add("validate_p50_ms", outcome.quantile(0.5));
    into_.add("validate_p95_ms", outcome.quantile(0.95));
  }
}

void bench_run::measure_against_bare(const std::string& bare_program) {
  const bare_endpoint bare(bare_program, world_.walk().folder.dsn());
  const auto devices = world_.people().devices;
  const shot select{.name = "bare",
                    .request =
                        [devices](std::size_t number, std::size_t) {
                          return fmt::format("GET /devices/{} HTTP/1.1\r\nHost: bare\r\n\r\n",
                                             id_text("dev_", number % devices + 1));
                        },
                    .expected = "active",
                    .connections = busy_connections,
                    .length = pace_.round};
  const shot ours{.name = "validate",
                  .request = [this](std::size_t number, std::size_t) { return validation(number); },
                  .expected = std::string(allowed),
                  .connections = busy_connections,
                  .length = pace_.round};
  std::vector<double> ratios;
  std::vector<double> bare_rates;
  std::vector<double> our_rates;
  for (std::size_t i = 0; i < pace_.rounds; ++i) {
    const auto one = fire(bare.address(), select);
    const auto other = fire(world_.walk().process->address(), ours);
    if (!is_clean("validate_over_bare", one) || !is_clean("validate_over_bare", other)) {
      return;
    }
    bare_rates.push_back(one.rate());
    our_rates.push_back(other.rate());
    ratios.push_back(other.rate() / one.rate());
  }
  into_.add("bare_rate", median_of(bare_rates));
  into_.add("validate_most_rate", median_of(our_rates));
  into_.add("validate_over_bare", median_of(ratios));
}

void bench_run::measure_assignment() {
  const shot wanted{
      .name = "assign",
      .request = [this](std::size_t number, std::size_t) { return assignment(number); },
      .expected = std::string(assigned),
      .per_second = pace_.assignments_a_second};
  const auto before = cpu();
  const auto outcome = fire(world_.walk().process->address(), wanted);
  note_cpu("assign", before, outcome);
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
