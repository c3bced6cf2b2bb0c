#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "cell.hpp"
#include "dialect.hpp"
#include "httvps/base/error.hpp"

namespace httvps::backend::storage {

struct connection_options {
  database_address address = {};
  std::chrono::milliseconds patience{2000};
  std::uint64_t most_bytes = 0;
};

struct query {
  std::string_view sql;
  cells parameters = {};
};

enum class remedy { none, repeat };

class connection {
 public:
  using row_handler = std::function<void(cells&&)>;

  static base::result<std::unique_ptr<connection>> open(const connection_options& chosen);
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection();

  base::result<> execute(const query& wanted);
  base::result<std::uint64_t> change(const query& wanted);
  base::result<> select(const query& wanted, std::span<const column_kind> columns,
                        const row_handler& on_row);
  base::result<> run_script(std::string_view portable);

  base::result<> begin(transaction_kind kind);
  base::result<> commit();
  void roll_back() noexcept;
  remedy advice() const noexcept;
  bool take_change_of_callers() noexcept;
  engine_kind engine() const noexcept;

  void assume_schema(std::uint32_t version) noexcept { schema_ = version; }
  std::uint32_t schema() const noexcept { return schema_; }

 private:
  struct state;
  explicit connection(std::unique_ptr<state> made) noexcept;

  std::unique_ptr<state> state_;
  std::uint32_t schema_ = 0;
};

}
