#include "loadgen/load.hpp"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <limits>

#include "common/error.hpp"

namespace httvps::bench {
namespace {

constexpr base::byte_count upload_file_size = 8 * base::mebibyte;
constexpr std::uint64_t most_failures = 200;
constexpr auto turn = std::chrono::milliseconds(200);
constexpr auto input_tag = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t multiplier = 6364136223846793005U;
constexpr std::uint64_t increment = 1442695040888963407U;

descriptor make_upload_file() {
  descriptor file(::memfd_create("upload", MFD_CLOEXEC));
  std::vector<std::uint64_t> words(upload_file_size / sizeof(std::uint64_t));
  std::uint64_t state = 1;
  for (auto& word : words) {
    state = state * multiplier + increment;
    word = state;
  }
  const auto* at = reinterpret_cast<const char*>(words.data());
  for (base::byte_count written = 0; written < upload_file_size;) {
    const auto size = ::write(file.get(), at + written, upload_file_size - written);
    if (size <= 0) {
      return {};
    }
    written += static_cast<base::byte_count>(size);
  }
  return file;
}

std::string request_for(const load_options& options) {
  const auto host = to_text(options.target);
  switch (options.mode) {
    case load_mode::download:
      return fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nRange: bytes=0-{}\r\n\r\n", options.path,
                         host, options.expected - 1);
    case load_mode::upload:
      return fmt::format("POST {} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n\r\n", options.path,
                         host, options.expected);
    case load_mode::hold:
      return fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", options.path, host);
    default:
      return fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", options.path,
                         host);
  }
}

session_plan plan_for(const load_options& options, const endpoint& entry, int upload_file) {
  return {.proxy = options.proxy,
          .entry = entry,
          .target = options.target,
          .request = request_for(options),
          .upload = options.mode == load_mode::upload ? options.expected : 0,
          .expected = options.expected,
          .upload_file = upload_file,
          .upload_file_size = upload_file_size};
}

}

load::load(const load_options& options)
    : options_(options),
      sessions_(options.mode == load_mode::hold ? options.count : options.parallel) {
  if (options.mode == load_mode::upload) {
    upload_file_ = make_upload_file();
  }
  for (const auto& entry : options.entries) {
    plans_.push_back(plan_for(options, entry, upload_file_.get()));
  }
  for (auto slot = sessions_.size(); slot > 0; --slot) {
    free_slots_.push_back(slot - 1);
  }
}

void load::run() {
  began_ = std::chrono::steady_clock::now();
  ended_ = began_;
  const auto deadline = began_ + options_.limit;
  for (std::uint64_t first = 0; first < options_.parallel; ++first) {
    start_next();
  }
  while (tally_.done() + tally_.failed() < options_.count) {
    const auto ready = loop_.wait(turn);
    if (std::chrono::steady_clock::now() >= deadline || tally_.failed() > most_failures) {
      give_up();
      return;
    }
    for (const auto& event : ready) {
      step(event.data.u64, std::chrono::steady_clock::now());
    }
  }
}

void load::hold_until_input_ends() {
  loop_.add({.socket = STDIN_FILENO, .events = EPOLLIN, .tag = input_tag});
  for (;;) {
    for (const auto& event : loop_.wait(turn)) {
      if (event.data.u64 != input_tag) {
        tally_.add(base::error(errc::closed_early));
        close(event.data.u64);
        continue;
      }
      char ignored = 0;
      if (::read(STDIN_FILENO, &ignored, 1) <= 0) {
        return;
      }
    }
  }
}

std::string load::report() {
  return tally_.report(std::max(ended_ - began_, moment::duration(1)));
}

bool load::clean() const noexcept {
  return tally_.failed() == 0 && tally_.done() == options_.count;
}

void load::start_next() {
  const auto slot = free_slots_.back();
  free_slots_.pop_back();
  auto& opened = sessions_[slot];
  opened = std::make_unique<session>(plans_[started_++ % plans_.size()]);
  const auto outcome = opened->open(std::chrono::steady_clock::now());
  if (!outcome) {
    settle(slot, outcome);
    return;
  }
  loop_.add({.socket = opened->socket(), .events = EPOLLOUT, .tag = slot});
}

void load::step(std::size_t slot, moment now) {
  auto* active = sessions_[slot].get();
  if (active == nullptr) {
    return;
  }
  const auto events_before = active->wanted_events();
  const auto outcome = active->advance(now);
  if (!outcome || active->stage() == session_stage::complete) {
    settle(slot, outcome);
    return;
  }
  const auto events = active->wanted_events();
  if (events != events_before) {
    loop_.change({.socket = active->socket(), .events = events, .tag = slot});
  }
}

void load::settle(std::size_t slot, const base::result<void>& outcome) {
  ended_ = std::chrono::steady_clock::now();
  tally_.add(sessions_[slot]->moved());
  if (outcome) {
    tally_.add(sessions_[slot]->timing());
  } else {
    tally_.add(outcome.error());
  }
  if (!outcome || options_.mode != load_mode::hold) {
    close(slot);
  }
  if (started_ < options_.count && !free_slots_.empty() && tally_.failed() <= most_failures) {
    start_next();
  }
}

void load::close(std::size_t slot) {
  sessions_[slot].reset();
  free_slots_.push_back(slot);
}

void load::give_up() {
  for (std::size_t slot = 0; slot < sessions_.size(); ++slot) {
    const auto* open = sessions_[slot].get();
    if (open != nullptr && open->stage() != session_stage::complete) {
      tally_.add(open->moved());
      tally_.add(base::error(errc::timed_out));
      close(slot);
    }
  }
}

}
