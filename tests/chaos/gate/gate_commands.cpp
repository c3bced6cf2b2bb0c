#include <unistd.h>

#include <array>
#include <cstdio>

#include "gate/gate.hpp"
#include "gate/sockets.hpp"

namespace httvps::chaos {
namespace {

constexpr std::size_t most_own_limits = 1024;

template <typename... Handlers>
struct overloaded : Handlers... {
  using Handlers::operator()...;
};

void print_line(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

}

void gate::read_commands() {
  std::array<char, longest_command> buffer{};
  const auto got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
  if (got <= 0 || input_.size() > longest_command) {
    running_ = false;
    return;
  }
  input_.append(buffer.data(), static_cast<std::size_t>(got));
  for (auto end = input_.find('\n'); end != std::string::npos; end = input_.find('\n')) {
    const auto asked = parse_command(std::string_view(input_).substr(0, end));
    input_.erase(0, end + 1);
    print_line(asked ? answer(*asked) : failure_json(asked.error()));
  }
}

std::string gate::answer(const command& asked) {
  const std::string done = "{\"done\":true}";
  const std::string unknown = failure_json(base::errc::not_found);
  const auto with = [&](connection_id id, auto act) {
    auto* subject = find(id);
    if (subject == nullptr || !subject->live) {
      return unknown;
    }
    act(*subject);
    return done;
  };
  return std::visit(
      overloaded{[&](const cut_all&) {
                   cut_everything("cut_on_command");
                   return done;
                 },
                 [&](const cut_one& one) {
                   return with(one.id, [this](auto& subject) { cut(subject, "cut_on_command"); });
                 },
                 [&](const freeze_one& one) {
                   return with(one.id, [this](auto& subject) { freeze(subject); });
                 },
                 [&](const limit_one& one) {
                   limit(one);
                   return done;
                 },
                 [&](const change_settings& change) {
                   const auto wanted = changed(settings_, change.wanted);
                   if (!wanted) {
                     return failure_json(wanted.error());
                   }
                   apply(*wanted);
                   return done;
                 },
                 [&](const ask_stats&) { return stats(); }},
      asked);
}

void gate::limit(const limit_one& asked) {
  auto* subject = find(asked.id);
  if (subject != nullptr) {
    subject->way(direction::up).limits = asked.up;
    subject->way(direction::down).limits = asked.down;
  } else if (asked.id > counts_.total && own_limits_.size() < most_own_limits) {
    own_limits_.insert_or_assign(asked.id, asked);
  }
}

void gate::apply(const settings& wanted) {
  const bool other_cuts =
      wanted.cut_every != settings_.cut_every || wanted.cut_jitter != settings_.cut_jitter;
  settings_ = wanted;
  links_[index_of(direction::up)].reshape(wanted.up);
  links_[index_of(direction::down)].reshape(wanted.down);
  bound_buffers(listener_, links_[index_of(direction::up)].socket_buffer());
  if (other_cuts) {
    plan_next_cut();
  }
  deliver_everything();
  const bool accepting = wanted.arrivals == newcomers::served;
  if (accepting != accepting_) {
    accepting_ = accepting;
    const std::uint32_t events = accepting ? EPOLLIN : 0U;
    loop_.change({.socket = listener_.get(), .events = events, .tag = 0});
  }
}

void gate::deliver_everything() {
  std::vector<connection_id> known;
  for (const auto& [id, subject] : connections_) {
    known.push_back(id);
  }
  for (const auto id : known) {
    for (const auto way : both_directions) {
      if (auto* subject = find(id)) {
        deliver(*subject, way);
      }
    }
  }
}

std::string gate::stats() {
  whole_report report{.counts = counts_, .held = held_, .connections = {}};
  report.connections.assign(history_.begin(), history_.end());
  for (const auto& [id, subject] : connections_) {
    report.connections.push_back(report_of(*subject, now_));
  }
  return to_json(report);
}

}
