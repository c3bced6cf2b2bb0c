#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "httvps/base/random.hpp"
#include "httvps/gateway/state/gateway_state.hpp"
#include "httvps/identity/sealed_record.hpp"

namespace httvps::gateway {

inline constexpr std::string_view state_file_name = "state.sealed";
inline constexpr std::string_view state_mark_name = "state.mark";
inline constexpr std::string_view state_key_label = "httvps gateway state";
inline constexpr std::uint8_t state_format = 1;

struct state_place {
  std::string folder;
  std::string gateway_id;
  std::size_t most = state_content_most;
};

class state_file {
 public:
  static base::result<state_file> open(state_place place, const base::secret_bytes& own_secret);

  base::result<std::size_t> store(gateway_state& state, base::random_source& random);
  base::result<gateway_state> load() const;

 private:
  struct mark {
    std::uint64_t sequence = 0;
    std::uint64_t revocations = 0;
  };

  state_file(state_place place, identity::record_key key)
      : place_(std::move(place)), key_(std::move(key)) {}

  std::string path_of(std::string_view name) const;
  base::byte_vector heading() const;
  base::result<> check_heading(base::byte_view content) const;
  base::result<mark> read_mark() const;
  base::result<> write_mark(const mark& known) const;
  base::result<mark> mark_to_pass() const;

  state_place place_;
  identity::record_key key_;
  std::uint64_t last_sequence_ = 0;
};

}
