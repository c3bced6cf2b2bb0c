#include "redis_link.hpp"

#include <cerrno>
#include <span>

namespace httvps::backend::shared {
namespace {

struct reply_closer {
  void operator()(redisReply* each) const noexcept { freeReplyObject(each); }
};
using reply_owner = std::unique_ptr<redisReply, reply_closer>;

timeval to_timeval(std::chrono::milliseconds patience) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(patience);
  const std::chrono::microseconds rest = patience - whole;
  return {.tv_sec = whole.count(), .tv_usec = rest.count()};
}

redisContext* dial(const redis_options& chosen) {
  const auto limit = to_timeval(chosen.dial_patience);
  const auto& address = chosen.address;
  return address.over == redis_transport::unix_socket
             ? redisConnectUnixWithTimeout(address.path.c_str(), limit)
             : redisConnectWithTimeout(address.host.c_str(), address.port, limit);
}

base::result<> append(const redisReply& given, redis_reply& words) {
  switch (given.type) {
    case REDIS_REPLY_INTEGER:
      words.push_back(std::to_string(given.integer));
      return {};
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_STRING:
      words.emplace_back(given.str, given.len);
      return {};
    case REDIS_REPLY_NIL:
      return {};
    case REDIS_REPLY_ERROR:
      return base::fail(errc::refused);
    default:
      return base::fail(errc::answer_malformed);
  }
}

base::result<redis_reply> words_of(const redisReply& given) {
  redis_reply words;
  if (given.type != REDIS_REPLY_ARRAY) {
    HTTVPS_CHECK(append(given, words));
    return words;
  }
  for (const auto* each : std::span(given.element, given.elements)) {
    HTTVPS_CHECK(append(*each, words));
  }
  return words;
}

}

base::result<std::unique_ptr<redis_link>> redis_link::open(const redis_options& chosen) {
  context_owner opened(dial(chosen));
  if (!opened || opened->err != 0 ||
      redisSetTimeout(opened.get(), to_timeval(chosen.dial_patience)) != REDIS_OK) {
    return base::fail(errc::unreachable);
  }
  std::unique_ptr<redis_link> made(new redis_link(std::move(opened)));
  HTTVPS_CHECK(made->introduce(chosen.address));
  if (redisSetTimeout(made->context_.get(), to_timeval(chosen.patience)) != REDIS_OK) {
    return base::fail(errc::unreachable);
  }
  return made;
}

base::result<> redis_link::introduce(const redis_address& address) {
  if (!address.password.empty()) {
    redis_command login{"AUTH"};
    if (!address.user.empty()) {
      login.push_back(address.user);
    }
    login.emplace_back(address.password.reveal_text());
    HTTVPS_CHECK(call(login));
  }
  if (address.database != 0) {
    HTTVPS_CHECK(call({"SELECT", std::to_string(address.database)}));
  }
  HTTVPS_CHECK(call({"PING"}));
  return {};
}

errc redis_link::failure() const noexcept {
  if (context_->err == REDIS_ERR_PROTOCOL) {
    return errc::answer_malformed;
  }
  return context_->err == REDIS_ERR_IO && errno == EAGAIN ? errc::timed_out : errc::unreachable;
}

base::result<redis_reply> redis_link::call(const redis_command& wanted) {
  std::vector<const char*> words;
  std::vector<std::size_t> sizes;
  for (const auto& word : wanted) {
    words.push_back(word.data());
    sizes.push_back(word.size());
  }
  const reply_owner answer(static_cast<redisReply*>(redisCommandArgv(
      context_.get(), static_cast<int>(words.size()), words.data(), sizes.data())));
  if (!answer) {
    return base::fail(failure());
  }
  return words_of(*answer);
}

}
