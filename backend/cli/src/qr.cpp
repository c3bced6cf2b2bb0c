#include "qr.hpp"

#include <qrencode.h>

#include <memory>

namespace httvps::ctl {
namespace {

using code_owner = std::unique_ptr<QRcode, decltype(&QRcode_free)>;

bool is_dark(const QRcode& code, std::size_t row, std::size_t column) {
  const auto side = static_cast<std::size_t>(code.width);
  const bool is_outside = row < qr_margin || column < qr_margin || row >= side + qr_margin ||
                          column >= side + qr_margin;
  return !is_outside && (code.data[(row - qr_margin) * side + column - qr_margin] & 1U) != 0;
}

std::string_view half_blocks(bool is_dark_above, bool is_dark_below) noexcept {
  if (is_dark_above) {
    return is_dark_below ? " " : "▄";
  }
  return is_dark_below ? "▀" : "█";
}

}

outcome<std::string> to_qr(const std::string& text) {
  const code_owner code(QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_L), &QRcode_free);
  if (!code) {
    return failure("The link is too long for a QR code.");
  }
  const auto side = static_cast<std::size_t>(code->width) + 2 * qr_margin;
  std::string drawn;
  for (std::size_t row = 0; row < side; row += 2) {
    drawn += row == 0 ? "" : "\n";
    for (std::size_t column = 0; column < side; ++column) {
      drawn += half_blocks(is_dark(*code, row, column), is_dark(*code, row + 1, column));
    }
  }
  return drawn;
}

}
