#include "backend/volley.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <utility>

#include "common/error.hpp"
#include "common/event_loop.hpp"
#include "common/http_head.hpp"

namespace httvps::bench {
namespace {

using steady = std::chrono::steady_clock;
using moment = steady::time_point;

constexpr std::size_t read_room = 64 * 1024;
constexpr std::chrono::seconds longest_wait{5};
constexpr std::chrono::nanoseconds shortest_wait{50'000};
constexpr int success_class = 2;

struct ticket {
  std::size_t number = 0;
  std::size_t stage = 0;
  moment due;
};

class link {
 public:
  explicit link(descriptor socket) : socket_(std::move(socket)) {}

  bool send(const ticket& wanted, std::string_view text);
  base::result<bool> receive();
  const ticket& wanted() const noexcept { return wanted_; }
  int status() const noexcept { return status_; }
  const std::string& body() const noexcept { return body_; }
  int socket() const noexcept { return socket_.get(); }

 private:
  base::result<bool> take(std::string_view bytes);

  descriptor socket_;
  ticket wanted_;
  head_reader head_;
  std::string body_;
  std::size_t length_ = 0;
  int status_ = 0;
  bool in_body_ = false;
};

bool link::send(const ticket& wanted, std::string_view text) {
  wanted_ = wanted;
  head_.reset();
  body_.clear();
  in_body_ = false;
  auto left = text;
  while (!left.empty()) {
    const auto sent = ::send(socket_.get(), left.data(), left.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      return false;
    }
    left.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

base::result<bool> link::take(std::string_view bytes) {
  if (in_body_) {
    body_.append(bytes);
    return body_.size() >= length_;
  }
  const auto room = head_.room();
  HTTVPS_TRY(const auto head, head_.take(bytes));
  if (!head) {
    return false;
  }
  status_ = head->status();
  length_ = head->content_length;
  in_body_ = true;
  body_.assign(head_.rest());
  body_.append(bytes.size() > room ? bytes.substr(room) : std::string_view());
  return body_.size() >= length_;
}

base::result<bool> link::receive() {
  static thread_local std::array<char, read_room> buffer;
  const auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got <= 0) {
    return base::fail(errc::closed_early);
  }
  return take({buffer.data(), static_cast<std::size_t>(got)});
}

class volley {
 public:
  explicit volley(const volley_order& order) : order_(order) {}

  base::result<volley_outcome> run();

 private:
  base::result<> connect_all();
  void note_due(moment now);
  base::result<> dispatch();
  base::result<> hear(std::size_t place);
  void finish(std::size_t place);
  void give_up(moment now);
  bool is_over(moment now) const;
  std::chrono::nanoseconds pause(moment now) const;
  moment due_at(std::size_t number) const;
  std::size_t wanted_in_all() const;

  const volley_order& order_;
  event_loop loop_;
  std::vector<std::unique_ptr<link>> links_;
  std::deque<std::size_t> free_;
  std::deque<ticket> waiting_;
  volley_outcome outcome_;
  moment started_;
  std::size_t next_ = 0;
  std::size_t open_ = 0;
};

base::result<> volley::connect_all() {
  for (std::size_t place = 0; place < order_.connections; ++place) {
    descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto* address = reinterpret_cast<const sockaddr*>(&order_.target);
    if (!socket || ::connect(socket.get(), address, sizeof order_.target) != 0) {
      return base::fail(errc::connect_failed);
    }
    send_without_delay(socket);
    links_.push_back(std::make_unique<link>(std::move(socket)));
    if (!loop_.add({.socket = links_.back()->socket(), .events = EPOLLIN, .tag = place})) {
      return base::fail(errc::socket_failed);
    }
    free_.push_back(place);
  }
  return {};
}

moment volley::due_at(std::size_t number) const {
  const std::chrono::duration<double> after(static_cast<double>(number) / order_.per_second);
  return started_ + std::chrono::duration_cast<steady::duration>(after);
}

std::size_t volley::wanted_in_all() const {
  const std::chrono::duration<double> length = order_.length;
  return static_cast<std::size_t>(order_.per_second * length.count());
}

void volley::note_due(moment now) {
  if (order_.per_second == as_fast_as_answered) {
    while (waiting_.size() < free_.size() && now < started_ + order_.length) {
      waiting_.push_back({.number = next_++, .stage = 0, .due = now});
    }
    return;
  }
  while (next_ < wanted_in_all() && due_at(next_) <= now) {
    waiting_.push_back({.number = next_, .stage = 0, .due = due_at(next_)});
    ++next_;
  }
}

base::result<> volley::dispatch() {
  while (!waiting_.empty() && !free_.empty()) {
    const auto wanted = waiting_.front();
    waiting_.pop_front();
    const auto place = free_.front();
    free_.pop_front();
    ++open_;
    if (!links_[place]->send(wanted, order_.request(wanted.number, wanted.stage))) {
      return base::fail(errc::send_failed);
    }
  }
  return {};
}

void volley::finish(std::size_t place) {
  auto& one = *links_[place];
  free_.push_back(place);
  --open_;
  const bool is_good = one.status() / 100 == success_class && one.body().contains(order_.expected);
  const auto next_stage = one.wanted().stage + 1;
  if (is_good && next_stage < order_.stages) {
    waiting_.push_front(
        {.number = one.wanted().number, .stage = next_stage, .due = one.wanted().due});
    return;
  }
  if (!is_good && outcome_.refused++ == 0) {
    outcome_.first_refusal = std::to_string(one.status()) + " " + one.body();
  }
  const std::chrono::duration<double, std::milli> took = steady::now() - one.wanted().due;
  outcome_.milliseconds.push_back(took.count());
}

void volley::give_up(moment now) {
  const auto note = [&](const ticket& wanted) {
    const std::chrono::duration<double, std::milli> took = now - wanted.due;
    outcome_.milliseconds.push_back(took.count());
    ++outcome_.unanswered;
  };
  std::ranges::for_each(waiting_, note);
  for (std::size_t place = 0; place < links_.size(); ++place) {
    if (std::ranges::count(free_, place) == 0) {
      note(links_[place]->wanted());
    }
  }
}

base::result<> volley::hear(std::size_t place) {
  HTTVPS_TRY(const bool whole, links_[place]->receive());
  if (whole) {
    finish(place);
  }
  return {};
}

bool volley::is_over(moment now) const {
  const bool all_sent = order_.per_second == as_fast_as_answered ? now >= started_ + order_.length
                                                                 : next_ >= wanted_in_all();
  return all_sent && waiting_.empty() && open_ == 0;
}

std::chrono::nanoseconds volley::pause(moment now) const {
  if (order_.per_second == as_fast_as_answered || next_ >= wanted_in_all()) {
    return std::chrono::milliseconds(10);
  }
  return std::max<std::chrono::nanoseconds>(due_at(next_) - now, shortest_wait);
}

base::result<volley_outcome> volley::run() {
  HTTVPS_CHECK(connect_all());
  started_ = steady::now();
  const auto latest = started_ + order_.length + longest_wait;
  for (auto now = started_; !is_over(now); now = steady::now()) {
    if (now > latest) {
      give_up(now);
      break;
    }
    note_due(now);
    HTTVPS_CHECK(dispatch());
    for (const auto& event : loop_.wait(pause(steady::now()))) {
      HTTVPS_CHECK(hear(event.data.u64));
    }
  }
  outcome_.seconds = std::chrono::duration<double>(steady::now() - started_).count();
  return std::move(outcome_);
}

}

double volley_outcome::rate() const noexcept {
  return seconds > 0 ? static_cast<double>(milliseconds.size() - refused - unanswered) / seconds
                     : 0;
}

double volley_outcome::quantile(double share) const {
  if (milliseconds.empty()) {
    return 0;
  }
  auto sorted = milliseconds;
  std::ranges::sort(sorted);
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

base::result<volley_outcome> run_volley(const volley_order& order) {
  return volley(order).run();
}

}
