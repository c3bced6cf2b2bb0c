#include "gateway/support/scripted_backend.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/value.hpp>
#include <boost/system/system_error.hpp>
#include <future>
#include <stdexcept>

#include "gateway/support/backend_messages.hpp"

namespace httvps::testing {
namespace {

[[noreturn]] void drop_connection() {
  throw boost::system::system_error(net::asio::error::operation_aborted);
}

}

scripted_backend::scripted_backend(deployment& keys)
    : keys_(keys), work_(net::asio::make_work_guard(context_)) {
  thread_ = std::thread([this] { context_.run(); });
  open(0);
}

scripted_backend::~scripted_backend() {
  go_down();
  work_.reset();
  context_.stop();
  thread_.join();
}

void scripted_backend::open(std::uint16_t port) {
  std::promise<bool> opened;
  net::asio::post(context_, [this, port, &opened] {
    auto server = net::http_server::open(
        context_.get_executor(), {.listen = {.place = {.host = "127.0.0.1", .port = port}}},
        [this](net::http_request request) { return serve(std::move(request)); });
    if (server) {
      port_ = server->local().port;
      server_.emplace(std::move(*server));
    }
    opened.set_value(server.has_value());
  });
  if (!opened.get_future().get()) {
    throw std::runtime_error("the scripted backend cannot listen");
  }
}

void scripted_backend::go_down() {
  std::promise<void> stopped;
  net::asio::post(context_, [this, &stopped] {
    if (!server_) {
      stopped.set_value();
      return;
    }
    net::asio::co_spawn(context_, server_->stop(net::deadline_after(std::chrono::seconds(1))),
                        [this, &stopped](const std::exception_ptr&, const base::result<>&) {
                          server_.reset();
                          stopped.set_value();
                        });
  });
  stopped.get_future().wait();
}

void scripted_backend::come_back() {
  open(port_);
}

std::string scripted_backend::url() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

void scripted_backend::change(const std::function<void(backend_script&)>& edit) {
  const std::scoped_lock hold(guard_);
  edit(script_);
}

void scripted_backend::with_keys(const std::function<void(deployment&)>& edit) {
  const std::scoped_lock hold(guard_);
  edit(keys_);
}

void scripted_backend::behave(backend_call call, conduct how) {
  change([call, how](backend_script& script) { script.conducts[call] = how; });
}

backend_record scripted_backend::record() const {
  const std::scoped_lock hold(guard_);
  return record_;
}

bool scripted_backend::wait_for(const std::function<bool(const backend_record&)>& condition,
                                std::chrono::milliseconds limit) const {
  std::unique_lock hold(guard_);
  return changed_.wait_for(hold, limit, [&] { return condition(record_); });
}

std::size_t scripted_backend::count_of(backend_call call) const {
  const std::scoped_lock hold(guard_);
  const auto found = record_.counts.find(call);
  return found == record_.counts.end() ? 0 : found->second;
}

net::asio::awaitable<net::http_response> scripted_backend::serve(net::http_request request) {
  const auto call = call_of(request.target);
  auto how = conduct::answer;
  std::chrono::milliseconds delay{0};
  {
    const std::scoped_lock hold(guard_);
    ++record_.counts[call];
    const auto found = script_.conducts.find(call);
    how = found == script_.conducts.end() ? conduct::answer : found->second;
    const auto own = script_.delays.find(call);
    delay = own == script_.delays.end() ? script_.delay : own->second;
    if (call == backend_call::usage) {
      record_.usage.push_back(delivery_of(request.body));
      record_.usage.back().answered = how == conduct::answer;
    } else if (call == backend_call::device) {
      record_.device_requests.push_back(request);
    }
  }
  changed_.notify_all();
  if (delay.count() > 0) {
    static_cast<void>(co_await net::sleep_until(net::deadline_after(delay)));
  }
  if (how == conduct::drop) {
    drop_connection();
  }
  const std::scoped_lock hold(guard_);
  auto response = how == conduct::garbage  ? reply(200, boost::json::value("this is no answer"))
                  : how == conduct::fail   ? problem(500, "storage_failed")
                  : how == conduct::refuse ? problem(403, "refused")
                                           : answer(call, request);
  changed_.notify_all();
  co_return response;
}

}
