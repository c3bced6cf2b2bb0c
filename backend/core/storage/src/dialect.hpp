#pragma once

#include <string>
#include <string_view>

#include "httvps/backend/storage/database_address.hpp"

namespace httvps::backend::storage {

enum class transaction_kind { reading, writing, noting, noting_later, migrating, copying };
enum class writer_turns { always, after_conflict };

struct dialect {
  std::string_view begin_reading;
  std::string_view begin_writing;
  std::string_view begin_noting;
  std::string_view begin_noting_later;
  std::string_view begin_migrating;
  std::string_view begin_copying;
  std::string_view text_type;
  writer_turns turns = writer_turns::always;

  std::string_view begin(transaction_kind kind) const noexcept;
  std::string render(std::string_view script) const;
};

const dialect& dialect_of(engine_kind engine) noexcept;

}
