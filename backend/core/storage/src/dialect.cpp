#include "dialect.hpp"

namespace httvps::backend::storage {
namespace {

constexpr std::string_view portable_text_type = "TEXT";

constexpr dialect sqlite_dialect{.begin_reading = "BEGIN",
                                 .begin_writing = "BEGIN IMMEDIATE",
                                 .begin_noting = "BEGIN IMMEDIATE",
                                 .begin_noting_later = "BEGIN IMMEDIATE",
                                 .begin_migrating = "BEGIN IMMEDIATE",
                                 .begin_copying = "BEGIN IMMEDIATE",
                                 .text_type = portable_text_type,
                                 .turns = writer_turns::always};

constexpr dialect postgresql_dialect{
    .begin_reading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    .begin_writing = "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE",
    .begin_noting =
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;"
        "SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan",
    .begin_noting_later =
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL enable_seqscan = off;"
        "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL synchronous_commit = off",
    .begin_migrating =
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;"
        "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s';"
        "SELECT pg_advisory_xact_lock(7526767340912640371);"
        "SET LOCAL lock_timeout = '5s'",
    .begin_copying = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    .text_type = "TEXT COLLATE \"C\"",
    .turns = writer_turns::after_conflict};

bool is_word_letter(char letter) noexcept {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '_';
}

bool is_word(std::string_view script, std::size_t at, std::size_t size) noexcept {
  const bool begins = at == 0 || !is_word_letter(script[at - 1]);
  const bool ends = at + size >= script.size() || !is_word_letter(script[at + size]);
  return begins && ends;
}

}

std::string_view dialect::begin(transaction_kind kind) const noexcept {
  switch (kind) {
    case transaction_kind::reading:
      return begin_reading;
    case transaction_kind::writing:
      return begin_writing;
    case transaction_kind::noting:
      return begin_noting;
    case transaction_kind::noting_later:
      return begin_noting_later;
    case transaction_kind::migrating:
      return begin_migrating;
    case transaction_kind::copying:
      return begin_copying;
  }
  return begin_reading;
}

std::string dialect::render(std::string_view script) const {
  std::string rendered;
  std::size_t copied = 0;
  for (auto at = script.find(portable_text_type); at != std::string_view::npos;
       at = script.find(portable_text_type, at + 1)) {
    if (is_word(script, at, portable_text_type.size())) {
      rendered.append(script.substr(copied, at - copied)).append(text_type);
      copied = at + portable_text_type.size();
    }
  }
  return rendered.append(script.substr(copied));
}

const dialect& dialect_of(engine_kind engine) noexcept {
  return engine == engine_kind::postgresql ? postgresql_dialect : sqlite_dialect;
}

}
