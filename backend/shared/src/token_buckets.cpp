#include "httvps/backend/shared/token_buckets.hpp"

#include <fmt/format.h>

#include <charconv>

#include "httvps/backend/shared/errc.hpp"

namespace httvps::backend::shared {
namespace {

constexpr std::string_view take_script = R"(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local burst = tonumber(ARGV[1])
local rate = tonumber(ARGV[2])
local known = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(known[1]) or burst
local rested = math.max(0, now - (tonumber(known[2]) or now))
tokens = math.min(burst, tokens + rested * rate / 1000)
local admitted = 0
if tokens >= 1 then
  tokens = tokens - 1
  admitted = 1
end
local text = string.format('%.17g', tokens)
redis.call('HSET', KEYS[1], 'tokens', text, 'at', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) * 1000 / rate) + 1000)
return {admitted, text}
)";

constexpr std::string_view give_back_script = R"(
local tokens = tonumber(redis.call('HGET', KEYS[1], 'tokens'))
if not tokens then
  return {1, ARGV[1]}
end
local text = string.format('%.17g', math.min(tonumber(ARGV[1]), tokens + 1))
redis.call('HSET', KEYS[1], 'tokens', text)
return {1, text}
)";

base::result<double> parse_tokens(const std::string& text) {
  double tokens = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, tokens);
  if (failure != std::errc() || stop != end || tokens < 0) {
    return base::fail(errc::answer_malformed);
  }
  return tokens;
}

}

base::result<bucket_level> redis_buckets::run(std::string_view script, const bucket_order& wanted) {
  HTTVPS_TRY(const auto words,
             redis_.call({"EVAL", std::string(script), "1",
                          names_.name("rate", {wanted.policy, wanted.who}),
                          fmt::format("{}", wanted.burst), fmt::format("{}", wanted.per_second)}));
  if (words.size() != 2) {
    return base::fail(errc::answer_malformed);
  }
  HTTVPS_TRY(const double tokens, parse_tokens(words.back()));
  return bucket_level{.is_admitted = words.front() == "1", .tokens = tokens};
}

base::result<bucket_level> redis_buckets::take(const bucket_order& wanted) {
  return run(take_script, wanted);
}

base::result<> redis_buckets::give_back(const bucket_order& taken) {
  HTTVPS_CHECK(run(give_back_script, taken));
  return {};
}

}
