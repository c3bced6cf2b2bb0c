#pragma once

#include <memory>

#include "httvps/base/random.hpp"
#include "httvps/identity/sealed_box.hpp"

namespace httvps::identity {

inline constexpr std::size_t sealed_part_content = 65536;
inline constexpr std::size_t sealed_part_size = sealed_part_content + 17;
inline constexpr std::size_t sealed_stream_opening = 144;

enum class stream_place { more_follow, last };

class stream_sealer {
 public:
  static base::result<stream_sealer> start(const box_public_key& recipient,
                                           base::random_source& random);
  stream_sealer(stream_sealer&&) noexcept;
  stream_sealer& operator=(stream_sealer&&) noexcept;
  ~stream_sealer();

  base::byte_view opening() const noexcept;
  base::result<base::byte_vector> seal(base::byte_view content, stream_place place);

 private:
  struct state;
  explicit stream_sealer(std::unique_ptr<state> made) noexcept;

  std::unique_ptr<state> state_;
};

struct opened_part {
  base::byte_vector content;
  stream_place place = stream_place::more_follow;
};

class stream_opener {
 public:
  static base::result<stream_opener> start(base::byte_view opening, const box_key& key);
  stream_opener(stream_opener&&) noexcept;
  stream_opener& operator=(stream_opener&&) noexcept;
  ~stream_opener();

  base::result<opened_part> open(base::byte_view part);

 private:
  struct state;
  explicit stream_opener(std::unique_ptr<state> made) noexcept;

  std::unique_ptr<state> state_;
};

}
