#include "httvps/backend/shared/redis_sessions.hpp"

#include <charconv>

#include "httvps/backend/shared/errc.hpp"

namespace httvps::backend::shared {
namespace {

constexpr std::string_view device_kind = "device";
constexpr std::string_view holder_kind = "holder";
constexpr std::string_view end_kind = "end";
constexpr std::string_view any_name = "httvps:";
constexpr std::chrono::hours device_memory{48};
constexpr std::chrono::seconds order_memory{60};

constexpr std::string_view admit_script = R"(
local own_holder, session = ARGV[1], ARGV[2]
local limit = tonumber(ARGV[4])
local prefix = ARGV[7]
local roll = redis.call('HGET', prefix .. 'holder:' .. own_holder, 'roll')
if not roll then
  return '0'
end
if redis.call('SISMEMBER', prefix .. 'end:' .. own_holder, session) == 1 then
  return '0'
end
local own = own_holder .. '|' .. roll .. '|' .. session
redis.call('ZADD', KEYS[1], 'NX', ARGV[3], own)
redis.call('PEXPIRE', KEYS[1], ARGV[5])
local rolls = {}
local live = {}
for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local holder, named = string.match(member, '^(%x+)|(%x+)|')
  if rolls[holder] == nil then
    rolls[holder] = redis.call('HGET', prefix .. 'holder:' .. holder, 'roll')
  end
  if rolls[holder] == named then
    live[#live + 1] = member
  else
    redis.call('ZREM', KEYS[1], member)
  end
end
local over = 0
if limit > 0 then
  over = #live - limit
end
local elsewhere = 0
for _, member in ipairs(live) do
  local holder, ending = string.match(member, '^(%x+)|%x+|(%x+)$')
  if member ~= own then
    if over > 0 then
      over = over - 1
      if holder ~= own_holder then
        redis.call('ZREM', KEYS[1], member)
        redis.call('SADD', prefix .. 'end:' .. holder, ending)
        redis.call('PEXPIRE', prefix .. 'end:' .. holder, ARGV[6])
      end
    elseif holder ~= own_holder then
      elsewhere = elsewhere + 1
    end
  end
end
return tostring(elsewhere)
)";

constexpr std::string_view note_script = R"(
local seq = tonumber(ARGV[2])
local known = redis.call('HMGET', KEYS[1], 'roll', 'seq')
local before = tonumber(known[2])
local same = known[1] == ARGV[1] and before and (before == seq or before == seq - 1)
if seq ~= 0 and not same then
  return {'0'}
end
redis.call('HSET', KEYS[1], 'roll', ARGV[1], 'seq', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
local holder = ARGV[5]
for place = 6, #ARGV, 2 do
  redis.call('ZREM', ARGV[place], holder .. '|' .. ARGV[1] .. '|' .. ARGV[place + 1])
  redis.call('SREM', KEYS[2], ARGV[place + 1])
end
local answer = redis.call('SRANDMEMBER', KEYS[2], ARGV[4])
table.insert(answer, 1, '1')
return answer
)";

constexpr std::size_t holder_letters = 28;

std::string holder_in(const key_names& names, const std::string& holder) {
  return names.digest({holder_kind, holder}).substr(0, holder_letters);
}

std::string in_milliseconds(std::chrono::milliseconds time) {
  return std::to_string(time.count());
}

}

base::result<std::uint32_t> redis_sessions::admit_in_redis(const session_arrival& arrived) {
  HTTVPS_TRY(const auto words,
             redis_.call({"EVAL", std::string(admit_script), "1",
                          names_.name(device_kind, {arrived.who.device}),
                          holder_in(names_, arrived.who.holder), arrived.who.session,
                          std::to_string(base::to_unix_milliseconds(arrived.opened_at)),
                          std::to_string(arrived.limit), in_milliseconds(device_memory),
                          in_milliseconds(order_memory), std::string(any_name)}));
  std::uint32_t elsewhere = 0;
  if (words.size() != 1 ||
      std::from_chars(words[0].data(), words[0].data() + words[0].size(), elsewhere).ec !=
          std::errc()) {
    return base::fail(errc::answer_malformed);
  }
  return elsewhere;
}

base::result<roll_reply> redis_sessions::note_in_redis(const session_roll& told) {
  const auto holder = holder_in(names_, told.holder);
  const auto key_of = [&holder](std::string_view kind) {
    return std::string(any_name).append(kind).append(":").append(holder);
  };
  redis_command wanted{"EVAL",
                       std::string(note_script),
                       "2",
                       key_of(holder_kind),
                       key_of(end_kind),
                       told.roll,
                       std::to_string(told.seq),
                       in_milliseconds(silent_holder_patience),
                       std::to_string(most_sessions_told),
                       holder};
  for (const auto& each : told.ended) {
    wanted.push_back(names_.name(device_kind, {each.device}));
    wanted.push_back(each.session);
  }
  HTTVPS_TRY(auto words, redis_.call(wanted));
  if (words.empty()) {
    return base::fail(errc::answer_malformed);
  }
  const bool in_step = words.front() == "1";
  words.erase(words.begin());
  return roll_reply{.standing = in_step ? roll_standing::in_step : roll_standing::out_of_step,
                    .to_end = std::move(words)};
}

base::result<std::uint32_t> redis_sessions::admit(const session_arrival& arrived) {
  const auto counted = admit_in_redis(arrived);
  return counted ? counted : meanwhile_.admit(arrived);
}

base::result<roll_reply> redis_sessions::note(const session_roll& told) {
  auto noted = note_in_redis(told);
  return noted ? noted : meanwhile_.note(told);
}

}
