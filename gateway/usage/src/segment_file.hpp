#pragma once

#include <string>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"

namespace httvps::gateway {

class segment_file {
 public:
  static base::result<segment_file> create(const std::string& path);
  static base::result<segment_file> open(const std::string& path);

  segment_file(segment_file&& other) noexcept;
  segment_file& operator=(segment_file&& other) noexcept;
  ~segment_file();

  base::result<> append(base::byte_view bytes);
  base::result<> sync();
  void forget_unsynced() noexcept;
  base::result<base::byte_vector> read(base::byte_count offset, std::size_t size) const;
  base::byte_count size() const noexcept { return size_; }
  base::byte_count synced() const noexcept { return synced_; }

 private:
  segment_file(int descriptor, base::byte_count size) noexcept
      : descriptor_(descriptor), size_(size), synced_(size) {}

  void cut_to(base::byte_count size) noexcept;

  int descriptor_ = -1;
  base::byte_count size_ = 0;
  base::byte_count synced_ = 0;
};

base::result<> sync_folder(const std::string& folder);
base::error write_failure() noexcept;

}
