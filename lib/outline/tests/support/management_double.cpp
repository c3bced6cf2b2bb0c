#include "management_double.hpp"

#include <boost/asio/post.hpp>
#include <boost/json.hpp>
#include <future>
#include <stdexcept>

#include "httvps/base/encoding.hpp"
#include "httvps/base/random.hpp"
#include "httvps/net/http_parser.hpp"

namespace httvps::outline::testing {
namespace {

constexpr auto io_limit = std::chrono::seconds(10);
constexpr std::size_t oversize_bytes = std::size_t{1024} * 1024;

std::string upper_hex(base::byte_view bytes) {
  auto text = base::to_hex(bytes);
  for (auto& letter : text) {
    letter = static_cast<char>(letter >= 'a' ? letter - 'a' + 'A' : letter);
  }
  return text;
}

}

management_double::management_double()
    : tls_(certificate_.server_context()), work_(net::asio::make_work_guard(context_)) {
  thread_ = std::thread([this] { context_.run(); });
  std::promise<bool> opened;
  net::asio::post(context_, [this, &opened] {
    auto listener = net::tcp_listener::open(context_.get_executor(),
                                            {.place = {.host = "127.0.0.1", .port = 0}});
    if (listener) {
      port_ = listener->local().port;
      listener_.emplace(std::move(*listener));
      scope_.emplace(context_.get_executor());
      static_cast<void>(scope_->spawn(accept()));
    }
    opened.set_value(listener.has_value());
  });
  if (!opened.get_future().get()) {
    throw std::runtime_error("the management API of the test cannot listen");
  }
}

management_double::~management_double() {
  std::promise<void> stopped;
  net::asio::post(context_, [this, &stopped] {
    listener_->close();
    scope_->cancel();
    stopped.set_value();
  });
  stopped.get_future().wait();
  work_.reset();
  thread_.join();
}

std::string management_double::api_url() const {
  return "https://127.0.0.1:" + std::to_string(port_) + "/" + prefix_;
}

std::string management_double::certificate_sha256() const {
  return upper_hex(net::digest_of_certificate_file(certificate_.chain_file()).value());
}

management_access management_double::access() const {
  return parse_access(api_url(), certificate_sha256()).value();
}

void management_double::behave(fault chosen) {
  const std::scoped_lock hold(guard_);
  fault_ = chosen;
}

void management_double::count_traffic(const std::string& id, std::uint64_t bytes) {
  const std::scoped_lock hold(guard_);
  traffic_[id] += bytes;
}

void management_double::reload() {
  const std::scoped_lock hold(guard_);
  for (auto& [id, key] : keys_) {
    key.active = true;
  }
}

std::map<std::string, double_key> management_double::keys() const {
  const std::scoped_lock hold(guard_);
  return keys_;
}

double_record management_double::record() const {
  const std::scoped_lock hold(guard_);
  return record_;
}

fault management_double::current() const {
  const std::scoped_lock hold(guard_);
  return fault_;
}

void management_double::note_request(const std::string& target) {
  const std::scoped_lock hold(guard_);
  ++record_.requests;
  record_.targets.push_back(target);
}

net::task<> management_double::accept() {
  while (true) {
    HTTVPS_CO_TRY(auto socket, co_await listener_->accept());
    {
      const std::scoped_lock hold(guard_);
      ++record_.connections;
    }
    static_cast<void>(scope_->spawn(serve(std::move(socket))));
  }
}

net::task<> management_double::serve(net::tcp_stream socket) {
  const auto deadline = net::deadline_after(io_limit);
  if (current() == fault::not_tls) {
    co_return co_await socket.write_all(base::as_bytes("SSH-2.0-OpenSSH_9.2\r\n"), deadline);
  }
  HTTVPS_CO_TRY(auto engine, net::tls_engine::make_server(tls_));
  net::tls_stream stream(std::move(socket), std::move(engine));
  HTTVPS_CO_CHECK(co_await stream.handshake(deadline));
  net::http_request_parser parser;
  base::byte_vector space(16384);
  while (!parser.is_done()) {
    HTTVPS_CO_TRY(const auto got, co_await stream.read_some(space, deadline));
    HTTVPS_CO_CHECK(parser.feed(base::byte_view(space).first(got)));
  }
  HTTVPS_CO_CHECK(co_await answer(&stream, parser.take()));
  co_return co_await stream.close(deadline);
}

net::task<> management_double::answer(net::tls_stream* stream, net::http_request request) {
  note_request(request.target);
  auto whole = handle(request);
  const auto chosen = current();
  if (chosen != fault::none) {
    co_return co_await misbehave(stream, chosen, std::move(whole));
  }
  const auto text = net::serialise(whole);
  co_return co_await stream->write_all(base::as_bytes(text), net::deadline_after(io_limit));
}

net::task<> management_double::misbehave(net::tls_stream* stream, fault chosen,
                                         net::http_response whole) {
  const auto deadline = net::deadline_after(io_limit);
  whole.headers.set("Content-Type", "application/json");
  std::string text;
  switch (chosen) {
    case fault::silence:
      co_return co_await net::sleep_until(deadline);
    case fault::close_before_answer:
      co_return base::result<void>();
    case fault::not_http:
      text = "\x01\x02 nothing that is HTTP\r\n\r\n";
      break;
    case fault::broken_json:
      whole.body = R"({"accessKeys":[{"id":"0",)";
      break;
    case fault::wrong_types:
      whole.body = R"({"accessKeys":7,"id":7,"serverId":[],"bytesTransferredByUserId":{"0":"x"}})";
      break;
    case fault::oversize:
      whole.body = std::string(oversize_bytes, ' ');
      break;
    case fault::server_error:
      whole = {.status = 500, .body = R"({"code":"InternalServer","message":""})"};
      break;
    case fault::teapot:
      whole = {.status = 418};
      break;
    default:
      whole.body.resize(64, ' ');
      break;
  }
  text = text.empty() ? net::serialise(whole) : text;
  if (chosen == fault::close_in_body || chosen == fault::slow_body) {
    text.resize(text.size() - 10);
  }
  HTTVPS_CO_CHECK(co_await stream->write_all(base::as_bytes(text), deadline));
  if (chosen == fault::slow_body) {
    co_return co_await net::sleep_until(deadline);
  }
  co_return base::result<void>();
}

}
