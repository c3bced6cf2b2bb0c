#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace httvps::base {

using metric_labels = std::vector<std::pair<std::string, std::string>>;

struct metric_description {
  std::string name;
  std::string help;
  metric_labels labels = {};
};

struct gauge_reading {
  metric_labels labels;
  double value = 0;
};

struct counter_cell;
struct histogram_cell;

class counter {
 public:
  counter() = default;
  void add(std::uint64_t amount = 1) noexcept;
  std::uint64_t value() const noexcept;

 private:
  friend class metric_registry;
  explicit counter(counter_cell* cell) noexcept : cell_(cell) {}
  counter_cell* cell_ = nullptr;
};

class gauge {
 public:
  gauge() = default;
  void add(std::int64_t amount) noexcept;
  std::int64_t value() const noexcept;

 private:
  friend class metric_registry;
  explicit gauge(counter_cell* cell) noexcept : cell_(cell) {}
  counter_cell* cell_ = nullptr;
};

class histogram {
 public:
  histogram() = default;
  void observe(double value) noexcept;

 private:
  friend class metric_registry;
  explicit histogram(histogram_cell* cell) noexcept : cell_(cell) {}
  histogram_cell* cell_ = nullptr;
};

class metric_registry {
 public:
  metric_registry();
  metric_registry(const metric_registry&) = delete;
  metric_registry& operator=(const metric_registry&) = delete;
  ~metric_registry();

  counter add_counter(metric_description description);
  gauge add_gauge(metric_description description);
  histogram add_histogram(metric_description description, std::span<const double> bounds);
  void add_callback_gauge(metric_description description, std::function<double()> read);
  void add_callback_gauges(metric_description description,
                           std::function<std::vector<gauge_reading>()> read);

  std::string expose() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

inline constexpr double latency_bounds_seconds[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                    0.1,   0.25,   0.5,   1.0,  2.5,   5.0};

}
