#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "backend/seed.hpp"
#include "backend/volley.hpp"

namespace httvps::bench {

struct pace {
  double validations_a_second = 5000;
  double assignments_a_second = 500;
  double batches_a_second = 17;
  std::chrono::milliseconds length{10'000};
  std::chrono::milliseconds round{3000};
  std::size_t rounds = 4;
  std::size_t arrivals = 1000;
  std::chrono::milliseconds list{1200};
  std::size_t pages = 61;
};

struct measured {
  boost::json::object figures;
  boost::json::object reasons;

  void add(std::string_view name, double value);
  void add_reason(std::string_view name, const std::string& reason);
};

class bench_run {
 public:
  bench_run(seeded_world& world, const pace& wanted, measured& into)
      : world_(world), pace_(wanted), into_(into) {}

  void measure_rest();
  void measure_validation();
  void measure_against_bare(const std::string& bare_program);
  void measure_assignment();
  void measure_arrivals();
  void measure_usage();
  void measure_lists();
  void measure_replicas();

 private:
  struct shot {
    std::string_view name;
    request_source request;
    std::string expected = {};
    double per_second = as_fast_as_answered;
    std::size_t stages = 1;
    std::size_t connections = 64;
    std::chrono::milliseconds length{0};
  };

  volley_outcome fire(const std::string& address, const shot& wanted) const;
  bool is_clean(std::string_view name, const volley_outcome& outcome);
  volley_outcome fire_metered(std::string_view name, const shot& wanted);
  shot bare_select() const;
  shot busy_validation() const;
  std::string post(std::string_view path, std::string_view credential, std::string body) const;
  std::string validation(std::size_t number) const;
  std::string assignment(std::size_t number) const;
  std::string usage_batch(std::size_t gateway, std::size_t seq) const;
  std::string small_write(std::size_t replica, std::size_t number) const;
  void open_usage_sessions() const;
  std::string page_stamp_of(std::string_view list) const;

  seeded_world& world_;
  const pace& pace_;
  measured& into_;
};

}
