#include "httvps/backend/services/signing_history.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::services {
namespace {

namespace json = boost::json;

std::optional<std::int64_t> number_in(const json::object& from, std::string_view name) {
  const auto* found = from.if_contains(name);
  if (found == nullptr || !found->is_int64()) {
    return std::nullopt;
  }
  return found->get_int64();
}

std::optional<signing_generation> generation_of(const json::value& from) {
  const auto* object = from.if_object();
  const auto* key = object == nullptr ? nullptr : object->if_contains("key");
  if (key == nullptr || !key->is_string()) {
    return std::nullopt;
  }
  const auto number = number_in(*object, "number");
  const auto created = number_in(*object, "created_at");
  const auto signs = number_in(*object, "signs_from");
  const auto part = identity::public_key::from_base64url(std::string_view(key->get_string()));
  if (!number || *number < 0 || !created || !signs || !part) {
    return std::nullopt;
  }
  return signing_generation{.number = static_cast<std::uint64_t>(*number),
                            .key = *part,
                            .created_at = base::from_unix_seconds(*created),
                            .signs_from = base::from_unix_seconds(*signs)};
}

std::optional<adopted_key> adopted_in(const json::value& from) {
  const auto* object = from.if_object();
  const auto* key = object == nullptr ? nullptr : object->if_contains("key");
  const auto at = object == nullptr ? std::nullopt : number_in(*object, "adopted_at");
  const auto part = key != nullptr && key->is_string()
                        ? identity::public_key::from_base64url(std::string_view(key->get_string()))
                        : base::fail(errc::storage_failed);
  return at && part ? std::optional(adopted_key{*part, base::from_unix_seconds(*at)})
                    : std::nullopt;
}

bool overlaps(const adopted_key& one, base::system_time now) {
  return now - one.adopted_at < signing_key_overlap;
}

}

base::result<signing_history> signing_history::parse(std::string_view text) {
  boost::system::error_code failure;
  const auto parsed = json::parse(text, failure);
  const auto* list = failure ? nullptr : parsed.if_array();
  if (list == nullptr || list->empty()) {
    return base::fail(errc::storage_failed);
  }
  signing_history found;
  for (const auto& one : *list) {
    if (const auto adopted = adopted_in(one)) {
      found.adopted_.push_back(*adopted);
      continue;
    }
    const auto generation = generation_of(one);
    if (!generation) {
      return base::fail(errc::storage_failed);
    }
    found.generations_.push_back(*generation);
  }
  if (found.generations_.empty()) {
    return base::fail(errc::storage_failed);
  }
  return found;
}

signing_history signing_history::begin(const identity::public_key& key, base::system_time now) {
  const auto moment = base::from_unix_seconds(base::to_unix_seconds(now));
  signing_history made;
  made.generations_.push_back(
      {.number = 0, .key = key, .created_at = moment, .signs_from = moment});
  return made;
}

std::string signing_history::written() const {
  json::array list;
  for (const auto& one : generations_) {
    list.push_back(json::object{{"number", one.number},
                                {"key", one.key.to_base64url()},
                                {"created_at", base::to_unix_seconds(one.created_at)},
                                {"signs_from", base::to_unix_seconds(one.signs_from)}});
  }
  for (const auto& one : adopted_) {
    list.push_back(json::object{{"key", one.key.to_base64url()},
                                {"adopted_at", base::to_unix_seconds(one.adopted_at)}});
  }
  return json::serialize(list);
}

const signing_generation& signing_history::signer_at(base::system_time now) const noexcept {
  for (auto at = generations_.rbegin(); at != generations_.rend(); ++at) {
    if (at->signs_from <= now) {
      return *at;
    }
  }
  return generations_.front();
}

std::optional<base::system_time> signing_history::replaced_at(const signing_generation& one) const {
  const auto next = std::ranges::find_if(
      generations_, [&](const auto& other) { return other.number > one.number; });
  return next == generations_.end() ? std::nullopt : std::optional(next->signs_from);
}

signing_state signing_history::state_of(const signing_generation& one,
                                        base::system_time now) const {
  if (signer_at(now) == one) {
    return signing_state::signing;
  }
  if (one.signs_from > now) {
    return signing_state::pending;
  }
  const auto replaced = replaced_at(one);
  const bool overlaps = replaced && now - *replaced < signing_key_overlap;
  return overlaps ? signing_state::overlapping : signing_state::retired;
}

std::vector<identity::public_key> signing_history::published(base::system_time now) const {
  std::vector<identity::public_key> keys;
  for (const auto& one : generations_) {
    if (state_of(one, now) != signing_state::retired) {
      keys.push_back(one.key);
    }
  }
  for (const auto& one : adopted_) {
    if (overlaps(one, now)) {
      keys.push_back(one.key);
    }
  }
  return keys;
}

std::vector<identity::public_key> signing_history::retired(base::system_time now) const {
  std::vector<identity::public_key> keys;
  for (const auto& one : generations_) {
    if (state_of(one, now) == signing_state::retired) {
      keys.push_back(one.key);
    }
  }
  for (const auto& one : adopted_) {
    if (!overlaps(one, now)) {
      keys.push_back(one.key);
    }
  }
  return keys;
}

bool signing_history::has_forgotten(base::system_time now) const {
  const auto replaced = replaced_at(generations_.front());
  const bool is_old = replaced && now - *replaced >= signing_key_memory;
  return is_old || std::ranges::any_of(adopted_, [now](const adopted_key& one) {
           return now - one.adopted_at >= signing_key_memory;
         });
}

bool signing_history::knows(const identity::public_key& key) const noexcept {
  return std::ranges::find(generations_, key, &signing_generation::key) != generations_.end() ||
         std::ranges::find(adopted_, key, &adopted_key::key) != adopted_.end();
}

base::result<> signing_history::add(const identity::public_key& key, base::system_time now) {
  if (is_pending(now)) {
    return base::fail(errc::rotation_pending);
  }
  if (size() >= most_signing_keys) {
    return base::fail(errc::too_many_signing_keys);
  }
  const auto moment = base::from_unix_seconds(base::to_unix_seconds(now));
  generations_.push_back({.number = newest().number + 1,
                          .key = key,
                          .created_at = moment,
                          .signs_from = moment + signing_key_settling});
  return {};
}

base::result<> signing_history::adopt(const identity::public_key& key, base::system_time now) {
  if (size() >= most_signing_keys) {
    return base::fail(errc::too_many_signing_keys);
  }
  adopted_.push_back(
      {.key = key, .adopted_at = base::from_unix_seconds(base::to_unix_seconds(now))});
  return {};
}

void signing_history::forget(base::system_time now) {
  std::erase_if(adopted_, [now](const adopted_key& one) {
    return now - one.adopted_at >= signing_key_memory;
  });
  while (has_forgotten(now)) {
    generations_.erase(generations_.begin());
  }
}

}
