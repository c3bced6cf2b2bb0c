#include "httvps/base/log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <thread>

#include "httvps/base/clock.hpp"

namespace httvps::base {
namespace {

constexpr std::pair<log_level, std::string_view> level_names[] = {
    {log_level::debug, "debug"},
    {log_level::info, "info"},
    {log_level::warn, "warn"},
    {log_level::error, "error"},
};

constexpr std::size_t most_written_at_once = 64 * 1024;
constexpr std::chrono::milliseconds gathering_time{5};

std::size_t write_what_fits(int descriptor, std::string_view text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = ::write(descriptor, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      break;
    }
    done += static_cast<std::size_t>(written);
  }
  return done;
}

bool needs_no_escape(char letter) noexcept {
  return letter >= ' ' && letter <= '~' && letter != '"' && letter != '\\';
}

void append_json_text(std::string& line, std::string_view text) {
  if (std::ranges::all_of(text, needs_no_escape)) {
    line.append(1, '"').append(text).append(1, '"');
    return;
  }
  line += boost::json::serialize(boost::json::string_view(text.data(), text.size()));
}

using line_iterator = std::deque<std::string>::const_iterator;

std::uint64_t lines_beyond(std::size_t written, const line_iterator& first,
                           const line_iterator& last) {
  std::size_t end = 0;
  return static_cast<std::uint64_t>(std::count_if(first, last, [&](const std::string& line) {
    end += line.size();
    return end > written;
  }));
}

struct append_value {
  std::string& line;
  void operator()(std::string_view text) const { append_json_text(line, text); }
  void operator()(bool flag) const { line += flag ? "true" : "false"; }
  void operator()(auto number) const { fmt::format_to(std::back_inserter(line), "{}", number); }
};

}

std::string_view to_text(log_level level) noexcept {
  return level_names[static_cast<std::size_t>(level)].second;
}

result<log_level> parse_log_level(std::string_view text) {
  for (const auto& [level, name] : level_names) {
    if (name == text) {
      return level;
    }
  }
  return fail(errc::invalid_argument);
}

struct log_sink::state {
  explicit state(options chosen) : chosen(chosen) {}

  void run() {
    std::unique_lock lock(mutex);
    while (!stopping || !queue.empty()) {
      changed.wait(lock, [this] { return stopping || !queue.empty(); });
      changed.wait_for(lock, gathering_time, [this] { return is_urgent(); });
      drain(lock);
      is_awaited = false;
      drained.notify_all();
    }
  }

  void drain(std::unique_lock<std::mutex>& lock) {
    std::deque<std::string> batch;
    batch.swap(queue);
    writing = true;
    lock.unlock();
    for (auto next = batch.cbegin(); next != batch.cend();) {
      next = write_some(next, batch.cend());
    }
    lock.lock();
    writing = false;
  }

  bool is_urgent() const { return stopping || is_awaited || queue.size() >= many_lines(); }
  std::size_t many_lines() const { return chosen.queue_limit / 2; }

  line_iterator write_some(const line_iterator& first, const line_iterator& last) {
    std::string text(*first);
    auto next = std::next(first);
    for (; next != last && text.size() + next->size() <= most_written_at_once; ++next) {
      text.append(*next);
    }
    dropped.fetch_add(lines_beyond(write_text(text), first, next), std::memory_order_relaxed);
    return next;
  }

  std::size_t write_text(std::string_view text) {
    if (cut_short && write_what_fits(chosen.descriptor, "\n") == 0) {
      return 0;
    }
    const auto done = write_what_fits(chosen.descriptor, text);
    cut_short = done > 0 && text[done - 1] != '\n';
    return done;
  }

  options chosen;
  bool owns_descriptor = false;
  std::mutex mutex;
  std::condition_variable changed;
  std::condition_variable drained;
  std::deque<std::string> queue;
  bool stopping = false;
  bool is_awaited = false;
  bool writing = false;
  bool cut_short = false;
  std::atomic<std::uint64_t> dropped{0};
  std::thread writer;
};

log_sink::log_sink(options chosen) : state_(std::make_unique<state>(chosen)) {
  state_->writer = std::thread([raw = state_.get()] { raw->run(); });
}

log_sink::~log_sink() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.notify_all();
  state_->writer.join();
  if (state_->owns_descriptor) {
    ::close(state_->chosen.descriptor);
  }
}

result<std::unique_ptr<log_sink>> log_sink::open_file(const std::string& path, options chosen) {
  chosen.descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (chosen.descriptor < 0) {
    return fail(std::error_code(errno, std::system_category()));
  }
  auto sink = std::make_unique<log_sink>(chosen);
  sink->state_->owns_descriptor = true;
  return sink;
}

bool log_sink::accepts(log_level level) const noexcept {
  return level >= state_->chosen.threshold;
}

void log_sink::submit(std::string line) noexcept {
  bool needs_notice = false;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->queue.size() >= state_->chosen.queue_limit) {
      state_->dropped.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    state_->queue.push_back(std::move(line));
    needs_notice = state_->queue.size() == 1 || state_->queue.size() == state_->many_lines();
  }
  if (needs_notice) {
    state_->changed.notify_one();
  }
}

void log_sink::flush() {
  std::unique_lock lock(state_->mutex);
  state_->is_awaited = true;
  state_->changed.notify_one();
  state_->drained.wait(lock, [this] { return state_->queue.empty() && !state_->writing; });
}

std::uint64_t log_sink::dropped_lines() const noexcept {
  return state_->dropped.load(std::memory_order_relaxed);
}

void logger::write(log_level level, std::string_view event, log_fields fields) const {
  if (sink_ == nullptr || !sink_->accepts(level)) {
    return;
  }
  std::string line = fmt::format(R"({{"time":"{}","level":"{}","module":"{}","event":")",
                                 to_rfc3339(real_clock().system_now()), to_text(level), module_);
  line.append(event).append("\"");
  for (const auto& field : fields) {
    line += ',';
    append_json_text(line, field.key);
    line += ':';
    std::visit(append_value{line}, field.value);
  }
  line += "}\n";
  sink_->submit(std::move(line));
}

}
