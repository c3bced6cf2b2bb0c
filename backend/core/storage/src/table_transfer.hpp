#pragma once

#include <sodium.h>

#include <span>
#include <string>
#include <vector>

#include "catalogue.hpp"
#include "connection.hpp"
#include "httvps/backend/storage/database_copy.hpp"

namespace httvps::backend::storage {

class table_scan {
 public:
  table_scan(connection& database, const table_shape& shape);

  base::result<std::vector<cells>> next();

 private:
  connection& database_;
  const table_shape& shape_;
  std::string first_;
  std::string following_;
  cells last_key_;
};

class row_writer {
 public:
  row_writer(connection& database, const table_shape& shape);

  base::result<> write(std::span<const cells> rows);

 private:
  connection& database_;
  std::string one_;
  std::string many_;
};

class row_digest {
 public:
  row_digest() noexcept;

  void add(const cells& row);
  void add_text(std::string_view row) noexcept;
  std::string finish();

 private:
  crypto_hash_sha256_state state_;
  std::string text_;
};

struct table_facts {
  std::uint64_t rows = 0;
  std::string digest;
};

base::result<table_facts> facts_of(connection& database, const table_shape& shape,
                                   const copy_listener& progress);

}
