#include "qr.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <vector>

#include "output.hpp"

namespace httvps::ctl {
namespace {

std::vector<std::string> modules_of(const std::string& drawn) {
  std::vector<std::string> rows;
  std::istringstream lines(drawn);
  for (std::string line; std::getline(lines, line);) {
    std::string above;
    std::string below;
    for (std::size_t at = 0; at < line.size();) {
      const auto step = line[at] == ' ' ? 1U : 3U;
      const auto letter = line.substr(at, step);
      above += letter == " " || letter == "▄" ? '#' : '.';
      below += letter == " " || letter == "▀" ? '#' : '.';
      at += step;
    }
    rows.push_back(above);
    rows.push_back(below);
  }
  return rows;
}

TEST(CtlQr, IsASquareWithTheFinderPatternInsideItsMargin) {
  const auto drawn = to_qr("httvps://example");
  ASSERT_TRUE(drawn);
  const auto rows = modules_of(*drawn);
  const std::vector<std::string> finder = {"#######", "#.....#", "#.###.#", "#.###.#",
                                           "#.###.#", "#.....#", "#######"};
  for (std::size_t row = 0; row < finder.size(); ++row) {
    const auto& line = rows[row + qr_margin];
    EXPECT_EQ(line.substr(qr_margin, 7), finder[row]);
    EXPECT_EQ(line.substr(line.size() - qr_margin - 7, 7), finder[row]);
  }
  EXPECT_EQ(rows[0], std::string(rows[0].size(), '.'));
  use_utf8();
  EXPECT_EQ(width_of(drawn->substr(0, drawn->find('\n'))), rows[0].size());
}

TEST(CtlQr, TextThatDoesNotFitIsNamed) {
  EXPECT_FALSE(to_qr(std::string(4000, 'a')));
}

}
}
