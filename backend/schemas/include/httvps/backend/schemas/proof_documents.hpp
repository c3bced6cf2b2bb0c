#pragma once

#include "httvps/backend/schemas/infrastructure_documents.hpp"

namespace httvps::backend::schemas {

inline constexpr std::size_t most_differences_shown = 100;
inline constexpr std::size_t most_epoch_gaps_shown = 100;

using book_word = text<length_range{1, 16}, label_format>;

struct book_view {
  static constexpr std::string_view schema_name = "UsageBook";

  book_word state;
  counter_value rows;
  counter_value up;
  counter_value down;
};
BOOST_DESCRIBE_STRUCT(book_view, (), (state, rows, up, down))

struct book_difference_view {
  static constexpr std::string_view schema_name = "UsageBookDifference";

  models::node_id node_id;
  book_word book;
  book_word other_book;
  usage_total in_book;
  usage_total in_other_book;
};
BOOST_DESCRIBE_STRUCT(book_difference_view, (), (node_id, book, other_book, in_book, in_other_book))

struct epoch_gap_view {
  static constexpr std::string_view schema_name = "UsageEpochGap";

  models::gateway_id gateway_id;
  hex_epoch epoch;
  counter_value acked_through;
  counter_value highest;
  counter_value missing;
};
BOOST_DESCRIBE_STRUCT(epoch_gap_view, (), (gateway_id, epoch, acked_through, highest, missing))

struct usage_proof_answer {
  static constexpr std::string_view schema_name = "UsageProof";

  day_text day;
  bool agree = false;
  bool is_complete = false;
  book_view journal;
  book_view hours;
  book_view days;
  counter_value uncounted_batches;
  counter_value uncounted_rows;
  counter_value waiting_batches;
  counter_value waiting_rows;
  usage_total waiting;
  counter_value differences_found;
  list<book_difference_view, length_range{0, most_differences_shown}> differences;
  list<epoch_gap_view, length_range{0, most_epoch_gaps_shown}> gaps;
};
BOOST_DESCRIBE_STRUCT(usage_proof_answer, (),
                      (day, agree, is_complete, journal, hours, days, uncounted_batches,
                       uncounted_rows, waiting_batches, waiting_rows, waiting, differences_found,
                       differences, gaps))

}
