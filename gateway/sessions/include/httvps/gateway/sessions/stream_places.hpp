#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace httvps::gateway {

struct stream_limits {
  std::size_t most = 1;
  std::size_t most_of_one_device = 1;
};

class stream_places {
 public:
  class place {
   public:
    place(stream_places& of, std::map<std::string, std::size_t>::iterator device) noexcept
        : of_(&of), device_(device) {}
    place(place&& other) noexcept
        : of_(std::exchange(other.of_, nullptr)), device_(other.device_) {}
    place& operator=(place&&) = delete;
    ~place();

   private:
    stream_places* of_;
    std::map<std::string, std::size_t>::iterator device_;
  };

  explicit stream_places(stream_limits limits) noexcept : limits_(limits) {}
  stream_places(const stream_places&) = delete;
  stream_places& operator=(const stream_places&) = delete;

  std::optional<place> take(const std::string& device_id);
  std::size_t size() const noexcept { return taken_; }

 private:
  stream_limits limits_;
  std::size_t taken_ = 0;
  std::map<std::string, std::size_t> of_devices_;
};

}
