#include "node/support/outline_backend.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/json.hpp>
#include <future>
#include <stdexcept>

#include "httvps/base/encoding.hpp"
#include "httvps/base/random.hpp"
#include "httvps/identity/sealed_box.hpp"

namespace httvps::testing {
namespace {

namespace json = boost::json;

constexpr auto poll_step = std::chrono::milliseconds(5);

std::string parameter(const std::string& target, const std::string& name) {
  const auto start = target.find(name + "=");
  if (start == std::string::npos) {
    return {};
  }
  const auto begin = start + name.size() + 1;
  return target.substr(begin, target.find('&', begin) - begin);
}

net::http_response reply(int status, std::string body) {
  net::http_response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

std::string seal(const offered_key& key, const std::string& public_key) {
  const auto recipient = identity::box_public_key::from_base64url(public_key).value();
  const auto content = json::serialize(json::object{{"secret", key.secret}});
  return base::to_base64url(
      identity::seal_to(recipient, base::secret_bytes::from_text(content), base::secure_random())
          .value());
}

}

outline_backend::outline_backend() : work_(net::asio::make_work_guard(context_)) {
  thread_ = std::thread([this] { context_.run(); });
  open(0);
}

outline_backend::~outline_backend() {
  go_down();
  work_.reset();
  context_.stop();
  thread_.join();
}

void outline_backend::open(std::uint16_t port) {
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
    throw std::runtime_error("the backend of the test cannot listen");
  }
}

void outline_backend::go_down() {
  std::promise<void> stopped;
  net::asio::post(context_, [this, &stopped] {
    if (!server_) {
      stopped.set_value();
      return;
    }
    net::asio::co_spawn(context_,
                        server_->stop(net::deadline_after(std::chrono::milliseconds(100))),
                        [this, &stopped](const std::exception_ptr&, const base::result<>&) {
                          server_.reset();
                          stopped.set_value();
                        });
  });
  stopped.get_future().wait();
}

void outline_backend::come_back() {
  open(port_);
}

std::uint64_t outline_backend::want(std::vector<offered_key> keys) {
  const std::scoped_lock hold(guard_);
  keys_ = std::move(keys);
  return ++revision_;
}

void outline_backend::behave(outline_conduct conduct) {
  const std::scoped_lock hold(guard_);
  conduct_ = conduct;
}

void outline_backend::expect_credential(std::string credential) {
  const std::scoped_lock hold(guard_);
  credential_ = std::move(credential);
}

outline_record outline_backend::record() const {
  const std::scoped_lock hold(guard_);
  return record_;
}

bool outline_backend::wait_for(const std::function<bool(const outline_record&)>& condition,
                               std::chrono::milliseconds limit) const {
  std::unique_lock hold(guard_);
  return changed_.wait_for(hold, limit, [&] { return condition(record_); });
}

bool outline_backend::wait_until_runs(std::uint64_t revision) const {
  return wait_for([revision](const outline_record& record) {
    return !record.notices.empty() &&
           record.notices.back().at("rev").to_number<std::uint64_t>() == revision &&
           record.notices.back().at("state").as_string() == "running";
  });
}

std::uint64_t outline_backend::counted(const std::string& key_id, const std::string& field) const {
  const auto seen = record();
  for (auto report = seen.counters.rbegin(); report != seen.counters.rend(); ++report) {
    for (const auto& row : report->at("rows").as_array()) {
      if (row.at("key_id").as_string() == key_id) {
        return row.at(field).to_number<std::uint64_t>();
      }
    }
  }
  return 0;
}

bool outline_backend::wait_until_counted(const std::string& key_id, std::uint64_t bytes) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < end) {
    if (counted(key_id, "up") == bytes && counted(key_id, "down") == bytes) {
      return true;
    }
    std::this_thread::sleep_for(poll_step);
  }
  return false;
}

bool outline_backend::is_known(const net::http_request& request) {
  const std::scoped_lock hold(guard_);
  const bool known = request.headers.find("Authorization") == "Bearer " + credential_;
  record_.refused += known ? 0 : 1;
  changed_.notify_all();
  return known;
}

net::asio::awaitable<net::http_response> outline_backend::serve(net::http_request request) {
  if (!is_known(request)) {
    co_return reply(401, R"({"code":"unauthorized"})");
  }
  {
    const std::scoped_lock hold(guard_);
    if (conduct_ != outline_conduct::answer) {
      co_return conduct_ == outline_conduct::fail ? reply(500, "{}") : reply(200, "{\"rev\":");
    }
  }
  if (request.target.starts_with("/api/v1/outline/config?")) {
    co_return co_await answer_config(request.target);
  }
  co_return answer_post(request);
}

std::string outline_backend::document_for(const std::string& public_key) const {
  json::array keys;
  for (const auto& key : keys_) {
    keys.push_back(json::object{{"key_id", key.id},
                                {"generation", key.generation},
                                {"cipher", key.cipher},
                                {"sealed_secret", seal(key, public_key)}});
  }
  return json::serialize(json::object{{"rev", revision_},
                                      {"node_id", "node_01m8059h4yf3k7w5d0tq9z6rae"},
                                      {"region", "eu"},
                                      {"keys", std::move(keys)}});
}

net::asio::awaitable<net::http_response> outline_backend::answer_config(std::string target) {
  const auto held = parameter(target, "rev");
  const auto wait = std::chrono::seconds(std::stoi(parameter(target, "wait")));
  const auto end = net::deadline_after(wait);
  while (true) {
    {
      const std::scoped_lock hold(guard_);
      if (revision_ != 0 && std::to_string(revision_) != held) {
        ++record_.polls;
        changed_.notify_all();
        co_return reply(200, document_for(parameter(target, "x25519_public")));
      }
    }
    if (base::real_clock().steady_now() >= end) {
      co_return reply(304, "");
    }
    co_await net::sleep_until(net::deadline_after(poll_step));
  }
}

net::http_response outline_backend::answer_post(const net::http_request& request) {
  const std::scoped_lock hold(guard_);
  const auto body = json::parse(request.body).as_object();
  if (request.target == "/api/v1/outline/heartbeat") {
    record_.heartbeats.push_back(body);
    record_.heartbeat_times.push_back(std::chrono::steady_clock::now());
  } else if (request.target == "/api/v1/outline/keys:ack") {
    record_.notices.push_back(body);
  } else if (request.target == "/api/v1/outline/counters") {
    record_.counters.push_back(body);
  } else {
    return reply(404, "{}");
  }
  changed_.notify_all();
  return reply(200, R"({"server_time":"2026-11-28T00:00:00.000Z"})");
}

}
