#include "httvps/base/metrics.hpp"

#include <prometheus/collectable.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <sstream>

namespace httvps::base {
namespace {

constexpr std::size_t shards = 8;

std::size_t this_thread_shard() noexcept {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed) % shards;
  return mine;
}

struct alignas(64) shard {
  std::atomic<std::uint64_t> value{0};
};

std::vector<prometheus::ClientMetric::Label> to_prometheus(const metric_labels& labels) {
  std::vector<prometheus::ClientMetric::Label> converted;
  for (const auto& [name, value] : labels) {
    converted.push_back({name, value});
  }
  return converted;
}

}

struct counter_cell {
  metric_description description;
  std::array<shard, shards> parts;

  std::uint64_t total() const noexcept {
    std::uint64_t sum = 0;
    for (const auto& part : parts) {
      sum += part.value.load(std::memory_order_relaxed);
    }
    return sum;
  }
};

struct histogram_cell {
  metric_description description;
  std::vector<double> bounds;
  std::deque<std::atomic<std::uint64_t>> counts;
  std::atomic<double> sum{0};
};

namespace {

struct callback_gauge {
  metric_description description;
  std::function<std::vector<gauge_reading>()> read;
};

prometheus::ClientMetric counter_sample(const counter_cell& cell) {
  prometheus::ClientMetric sample;
  sample.label = to_prometheus(cell.description.labels);
  sample.counter.value = static_cast<double>(cell.total());
  return sample;
}

prometheus::ClientMetric gauge_sample(const metric_labels& labels, double value) {
  prometheus::ClientMetric sample;
  sample.label = to_prometheus(labels);
  sample.gauge.value = value;
  return sample;
}

prometheus::ClientMetric histogram_sample(const histogram_cell& cell) {
  prometheus::ClientMetric sample;
  sample.label = to_prometheus(cell.description.labels);
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < cell.counts.size(); ++i) {
    cumulative += cell.counts[i].load(std::memory_order_relaxed);
    const double bound =
        i < cell.bounds.size() ? cell.bounds[i] : std::numeric_limits<double>::infinity();
    sample.histogram.bucket.push_back({cumulative, bound});
  }
  sample.histogram.sample_count = cumulative;
  sample.histogram.sample_sum = cell.sum.load(std::memory_order_relaxed);
  return sample;
}

class family_table {
 public:
  void add(const metric_description& description, prometheus::MetricType type,
           prometheus::ClientMetric sample) {
    auto& family = families_[description.name];
    family.name = description.name;
    family.help = description.help;
    family.type = type;
    family.metric.push_back(std::move(sample));
  }

  std::vector<prometheus::MetricFamily> take() {
    std::vector<prometheus::MetricFamily> all;
    all.reserve(families_.size());
    for (auto& [name, family] : families_) {
      all.push_back(std::move(family));
    }
    return all;
  }

 private:
  std::map<std::string, prometheus::MetricFamily> families_;
};

}

struct metric_registry::state {
  mutable std::mutex mutex;
  std::deque<counter_cell> counters;
  std::deque<counter_cell> gauges;
  std::deque<histogram_cell> histograms;
  std::deque<callback_gauge> callbacks;
};

void counter::add(std::uint64_t amount) noexcept {
  if (cell_ != nullptr) {
    cell_->parts[this_thread_shard()].value.fetch_add(amount, std::memory_order_relaxed);
  }
}

std::uint64_t counter::value() const noexcept {
  return cell_ == nullptr ? 0 : cell_->total();
}

void gauge::add(std::int64_t amount) noexcept {
  if (cell_ != nullptr) {
    cell_->parts[this_thread_shard()].value.fetch_add(static_cast<std::uint64_t>(amount),
                                                      std::memory_order_relaxed);
  }
}

std::int64_t gauge::value() const noexcept {
  return cell_ == nullptr ? 0 : static_cast<std::int64_t>(cell_->total());
}

void histogram::observe(double value) noexcept {
  if (cell_ == nullptr) {
    return;
  }
  const auto found = std::ranges::lower_bound(cell_->bounds, value);
  const auto index = static_cast<std::size_t>(found - cell_->bounds.begin());
  cell_->counts[index].fetch_add(1, std::memory_order_relaxed);
  cell_->sum.fetch_add(value, std::memory_order_relaxed);
}

metric_registry::metric_registry() : state_(std::make_unique<state>()) {}

metric_registry::~metric_registry() = default;

counter metric_registry::add_counter(metric_description description) {
  const std::lock_guard lock(state_->mutex);
  auto& cell = state_->counters.emplace_back();
  cell.description = std::move(description);
  return counter(&cell);
}

gauge metric_registry::add_gauge(metric_description description) {
  const std::lock_guard lock(state_->mutex);
  auto& cell = state_->gauges.emplace_back();
  cell.description = std::move(description);
  return gauge(&cell);
}

histogram metric_registry::add_histogram(metric_description description,
                                         std::span<const double> bounds) {
  const std::lock_guard lock(state_->mutex);
  auto& cell = state_->histograms.emplace_back();
  cell.description = std::move(description);
  cell.bounds.assign(bounds.begin(), bounds.end());
  cell.counts.resize(bounds.size() + 1);
  return histogram(&cell);
}

void metric_registry::add_callback_gauge(metric_description description,
                                         std::function<double()> read) {
  auto labels = description.labels;
  add_callback_gauges(std::move(description), [labels = std::move(labels), read = std::move(read)] {
    return std::vector<gauge_reading>{{.labels = labels, .value = read()}};
  });
}

void metric_registry::add_callback_gauges(metric_description description,
                                          std::function<std::vector<gauge_reading>()> read) {
  const std::lock_guard lock(state_->mutex);
  state_->callbacks.push_back({std::move(description), std::move(read)});
}

std::string metric_registry::expose() const {
  const std::lock_guard lock(state_->mutex);
  family_table families;
  for (const auto& cell : state_->counters) {
    families.add(cell.description, prometheus::MetricType::Counter, counter_sample(cell));
  }
  for (const auto& cell : state_->gauges) {
    const auto value = static_cast<double>(static_cast<std::int64_t>(cell.total()));
    families.add(cell.description, prometheus::MetricType::Gauge,
                 gauge_sample(cell.description.labels, value));
  }
  for (const auto& cell : state_->histograms) {
    families.add(cell.description, prometheus::MetricType::Histogram, histogram_sample(cell));
  }
  for (const auto& callback : state_->callbacks) {
    for (const auto& each : callback.read()) {
      families.add(callback.description, prometheus::MetricType::Gauge,
                   gauge_sample(each.labels, each.value));
    }
  }
  return prometheus::TextSerializer().Serialize(families.take());
}

}
