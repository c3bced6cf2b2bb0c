#include "httvps/gateway/state/state_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "folder_lock.hpp"
#include "httvps/base/draft_file.hpp"
#include "httvps/base/private_file.hpp"
#include "httvps/gateway/state/errc.hpp"
#include "httvps/identity/errc.hpp"
#include "httvps/identity/key_file.hpp"

namespace httvps::gateway {
namespace {

constexpr std::string_view magic = "HTTVPSgs";
constexpr std::size_t fixed_heading = magic.size() + 2;
constexpr std::size_t gateway_id_most = 64;
constexpr std::size_t around_content = 256;

static_assert(fixed_heading + gateway_id_most + identity::sealed_record_overhead < around_content);

bool take_number(std::string_view& text, std::uint64_t& value) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end == text.data() + text.size()) {
    return false;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return true;
}

state_errc refusal_of(const base::error& cause) {
  if (cause == std::errc::no_such_file_or_directory) {
    return state_errc::state_missing;
  }
  if (cause == base::exposed_file) {
    return state_errc::state_exposed;
  }
  return cause == std::errc::file_too_large ? state_errc::state_too_large
                                            : state_errc::state_unreadable;
}

base::result<> put_in_place(const std::string& path, base::byte_view heading,
                            base::byte_view sealed) {
  auto draft = base::draft_file::create(path);
  const bool is_written =
      draft && draft->write(heading) && draft->write(sealed) && draft->replace();
  return is_written ? base::result<>() : base::fail(state_errc::state_unwritable);
}

}

base::result<state_file> state_file::open(state_place place, const base::secret_bytes& own_secret) {
  if (place.gateway_id.empty() || place.gateway_id.size() > gateway_id_most) {
    return base::fail(state_errc::state_unwritable);
  }
  HTTVPS_TRY(auto key, identity::record_key::derive(own_secret, state_key_label));
  return state_file(std::move(place), std::move(key));
}

std::string state_file::path_of(std::string_view name) const {
  return fmt::format("{}/{}", place_.folder, name);
}

base::byte_vector state_file::heading() const {
  base::byte_vector bytes;
  base::append(bytes, base::as_bytes(magic));
  bytes.push_back(state_format);
  bytes.push_back(static_cast<std::uint8_t>(place_.gateway_id.size()));
  base::append(bytes, base::as_bytes(place_.gateway_id));
  return bytes;
}

base::result<> state_file::check_heading(base::byte_view content) const {
  const bool is_ours = content.size() >= fixed_heading &&
                       base::as_text(content.first(magic.size())) == magic &&
                       content[magic.size()] == state_format;
  if (!is_ours) {
    return base::fail(state_errc::state_of_another_format);
  }
  const std::size_t id_size = content[magic.size() + 1];
  const auto rest = content.subspan(fixed_heading);
  if (rest.size() < id_size) {
    return base::fail(state_errc::state_damaged);
  }
  return base::as_text(rest.first(id_size)) == place_.gateway_id
             ? base::result<>()
             : base::fail(state_errc::state_foreign);
}

base::result<state_file::mark> state_file::read_mark() const {
  const auto content = identity::load_secret_file(path_of(state_mark_name));
  if (!content) {
    return base::fail(content.error() == identity::errc::key_file_missing
                          ? base::error(state_errc::state_missing)
                          : base::error(state_errc::state_rolled_back));
  }
  auto text = content->reveal_text();
  mark known;
  const bool is_ours = take_number(text, known.sequence) && take_number(text, known.revocations) &&
                       text == place_.gateway_id;
  return is_ours ? base::result<mark>(known) : base::fail(state_errc::state_rolled_back);
}

base::result<> state_file::write_mark(const mark& known) const {
  const auto text = fmt::format("{} {} {}", known.sequence, known.revocations, place_.gateway_id);
  const auto written =
      identity::replace_secret_file(path_of(state_mark_name), base::secret_bytes::from_text(text));
  return written ? base::result<>() : base::fail(state_errc::state_unwritable);
}

base::result<state_file::mark> state_file::mark_to_pass() const {
  const auto known = read_mark();
  if (known) {
    return known;
  }
  HTTVPS_CHECK(write_mark({}));
  return mark{};
}

base::result<std::size_t> state_file::store(gateway_state& state, base::random_source& random) {
  HTTVPS_TRY(const auto locked, folder_lock::take(place_.folder));
  HTTVPS_TRY(const auto known, mark_to_pass());
  if (state.config->revocation_version < known.revocations) {
    return base::fail(state_errc::state_rolled_back);
  }
  state.sequence = std::max(known.sequence, last_sequence_) + 1;
  HTTVPS_TRY(const auto content, encode_state(state, place_.most));
  const auto head = heading();
  const auto sealed = key_.seal({.bytes = content.reveal(), .bound_to = head}, random);
  HTTVPS_CHECK(put_in_place(path_of(state_file_name), head, sealed));
  last_sequence_ = state.sequence;
  HTTVPS_CHECK(
      write_mark({.sequence = state.sequence, .revocations = state.config->revocation_version}));
  return head.size() + sealed.size();
}

base::result<gateway_state> state_file::load() const {
  HTTVPS_TRY(const auto locked, folder_lock::take(place_.folder));
  const auto kept = base::read_private_file(
      path_of(state_file_name),
      {.most = place_.most + around_content, .origin = base::file_origin::this_program});
  if (!kept) {
    return base::fail(refusal_of(kept.error()));
  }
  const auto content = kept->reveal();
  HTTVPS_CHECK(check_heading(content));
  const auto head = heading();
  const auto opened = key_.open({.bytes = content.subspan(head.size()), .bound_to = head});
  if (!opened) {
    return base::fail(state_errc::state_damaged);
  }
  HTTVPS_TRY(auto state, decode_state(opened->reveal()));
  const auto known = read_mark();
  const bool is_newest = known && state.sequence >= known->sequence &&
                         state.config->revocation_version >= known->revocations;
  if (!is_newest) {
    return base::fail(state_errc::state_rolled_back);
  }
  return state;
}

}
