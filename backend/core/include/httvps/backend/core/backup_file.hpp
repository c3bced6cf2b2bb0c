#pragma once

#include <memory>
#include <string>

#include "httvps/backend/storage/byte_stream.hpp"
#include "httvps/identity/sealed_stream.hpp"

namespace httvps::backend::core {

class backup_file_writer final : public storage::byte_sink {
 public:
  static base::result<std::unique_ptr<backup_file_writer>> create(
      const std::string& path, const identity::box_public_key& recipient,
      base::random_source& random);
  ~backup_file_writer() override;

  base::result<> write(base::byte_view content) override;
  base::result<std::string> finish();

 private:
  struct state;
  explicit backup_file_writer(std::unique_ptr<state> made) noexcept;

  std::unique_ptr<state> state_;
};

class backup_file_reader final : public storage::byte_source {
 public:
  static base::result<std::unique_ptr<backup_file_reader>> open(const std::string& path,
                                                                const identity::box_key& key);
  ~backup_file_reader() override;

  base::result<std::size_t> read(base::byte_span room) override;
  const std::string& sha256() const noexcept;

 private:
  struct state;
  explicit backup_file_reader(std::unique_ptr<state> made) noexcept;

  std::unique_ptr<state> state_;
};

}
