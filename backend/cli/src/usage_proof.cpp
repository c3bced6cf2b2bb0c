#include "usage_proof.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace httvps::ctl {
namespace {

constexpr std::size_t most_named = 3;

std::int64_t bytes_in(const json::value& difference, std::string_view book,
                      std::string_view direction) {
  const auto* sums = member_of(difference, book);
  const auto* found = sums == nullptr ? nullptr : member_of(*sums, direction);
  return found != nullptr && found->is_int64() ? found->get_int64() : 0;
}

std::string sentence_of(const json::value& difference) {
  const auto told = [&](std::string_view book) {
    return fmt::format("{} up and {} down", bytes_in(difference, book, "up"),
                       bytes_in(difference, book, "down"));
  };
  return fmt::format(" Of {}, {} say {} and {} say {}.", printable(text_of(difference, "node_id")),
                     printable(text_of(difference, "book")), told("in_book"),
                     printable(text_of(difference, "other_book")), told("in_other_book"));
}

}

outcome<> verdict_on_books(const json::value& proof) {
  const auto* agree = member_of(proof, "agree");
  if (agree != nullptr && agree->is_bool() && agree->get_bool()) {
    return {};
  }
  auto text = fmt::format("The books of {} do not agree.", printable(text_of(proof, "day")));
  const auto* differences = member_of(proof, "differences");
  if (differences != nullptr && differences->is_array()) {
    const auto& all = differences->get_array();
    for (std::size_t i = 0; i < std::min(all.size(), most_named); ++i) {
      text += sentence_of(all[i]);
    }
  }
  return failure(std::move(text));
}

}
