#include "httvps/gateway/usage/spool_record.hpp"

#include <concepts>
#include <optional>
#include <utility>

#include "httvps/base/checksum.hpp"

namespace httvps::gateway {
namespace {

constexpr std::uint8_t spool_version = 1;
constexpr std::size_t length_size = 4;
constexpr std::uint64_t last_row_mark = 1ULL << 63U;

class writer {
 public:
  template <std::unsigned_integral Number>
  void number(Number value) {
    for (std::size_t at = 0; at < sizeof(Number); ++at) {
      bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * at)));
    }
  }
  void text(std::string_view value) {
    number(static_cast<std::uint16_t>(value.size()));
    base::append(bytes_, base::as_bytes(value));
  }
  void rows(const std::vector<usage_row>& all) {
    number(static_cast<std::uint32_t>(all.size()));
    for (const auto& each : all) {
      number(each.final ? each.session | last_row_mark : each.session);
      number(each.up);
      number(each.down);
      text(each.node_id);
      text(each.token);
    }
  }
  base::byte_vector take() { return std::move(bytes_); }

 private:
  base::byte_vector bytes_;
};

class reader {
 public:
  explicit reader(base::byte_view bytes) : bytes_(bytes) {}

  template <std::unsigned_integral Number>
  Number number() {
    if (bytes_.size() < sizeof(Number)) {
      broken_ = true;
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t at = 0; at < sizeof(Number); ++at) {
      value |= std::uint64_t{bytes_[at]} << (8 * at);
    }
    bytes_ = bytes_.subspan(sizeof(Number));
    return static_cast<Number>(value);
  }
  std::string text() {
    const std::size_t size = number<std::uint16_t>();
    if (bytes_.size() < size) {
      broken_ = true;
      return {};
    }
    std::string value(base::as_text(bytes_.first(size)));
    bytes_ = bytes_.subspan(size);
    return value;
  }
  std::vector<usage_row> rows() {
    std::vector<usage_row> all;
    for (auto left = number<std::uint32_t>(); left > 0 && !broken_; --left) {
      usage_row each;
      const auto session = number<std::uint64_t>();
      each.session = session & ~last_row_mark;
      each.final = session != each.session;
      each.up = number<std::uint64_t>();
      each.down = number<std::uint64_t>();
      each.node_id = text();
      each.token = text();
      all.push_back(std::move(each));
    }
    return all;
  }
  bool is_at_end() const noexcept { return !broken_ && bytes_.empty(); }

 private:
  base::byte_view bytes_;
  bool broken_ = false;
};

struct body_writer {
  writer& out;

  void operator()(const segment_opening& opening) const {
    out.number(spool_version);
    out.text(opening.epoch);
    out.number(opening.last_sequence);
    out.number(opening.acked_through);
    out.number(static_cast<std::uint8_t>(opening.kind));
  }
  void operator()(const kept_rows& kept) const { out.rows(kept.rows); }
  void operator()(const sealed_batch& batch) const {
    out.number(batch.sequence);
    out.number(static_cast<std::uint64_t>(batch.sealed_at));
    out.rows(batch.rows);
  }
  void operator()(const acknowledgement_mark& mark) const { out.number(mark.through); }
};

std::optional<spool_record> read_opening(reader& in) {
  if (in.number<std::uint8_t>() != spool_version) {
    return std::nullopt;
  }
  segment_opening opening;
  opening.epoch = in.text();
  opening.last_sequence = in.number<std::uint64_t>();
  opening.acked_through = in.number<std::uint64_t>();
  const auto kind = in.number<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(segment_kind::compacted)) {
    return std::nullopt;
  }
  opening.kind = static_cast<segment_kind>(kind);
  return opening;
}

std::optional<spool_record> read_batch(reader& in) {
  sealed_batch batch;
  batch.sequence = in.number<std::uint64_t>();
  batch.sealed_at = static_cast<std::int64_t>(in.number<std::uint64_t>());
  batch.rows = in.rows();
  return batch;
}

std::optional<spool_record> read_body(reader& in) {
  switch (in.number<std::uint8_t>()) {
    case 0:
      return read_opening(in);
    case 1:
      return kept_rows{in.rows()};
    case 2:
      return read_batch(in);
    case 3:
      return acknowledgement_mark{in.number<std::uint64_t>()};
    default:
      return std::nullopt;
  }
}

}

base::byte_vector encode_record(const spool_record& record) {
  writer body;
  body.number(static_cast<std::uint8_t>(record.index()));
  std::visit(body_writer{body}, record);
  const auto content = body.take();
  writer checked;
  checked.number(static_cast<std::uint32_t>(content.size()));
  auto covered = checked.take();
  base::append(covered, content);
  writer framed;
  framed.number(static_cast<std::uint32_t>(content.size()));
  framed.number(base::crc32c(covered));
  auto bytes = framed.take();
  base::append(bytes, content);
  return bytes;
}

base::result<std::size_t> record_size(base::byte_view head) {
  if (head.size() < spool_head_size) {
    return base::fail(usage_errc::spool_record_cut);
  }
  const std::size_t size = reader(head).number<std::uint32_t>();
  if (size == 0 || size > spool_record_most) {
    return base::fail(usage_errc::spool_record_invalid);
  }
  return spool_head_size + size;
}

base::result<spool_record> decode_record(base::byte_view bytes) {
  HTTVPS_TRY(const auto size, record_size(bytes));
  if (bytes.size() < size) {
    return base::fail(usage_errc::spool_record_cut);
  }
  reader head(bytes.subspan(length_size));
  const auto sum = head.number<std::uint32_t>();
  const auto content = bytes.subspan(spool_head_size, size - spool_head_size);
  base::byte_vector covered(bytes.begin(), bytes.begin() + length_size);
  base::append(covered, content);
  if (base::crc32c(covered) != sum) {
    return base::fail(usage_errc::spool_record_invalid);
  }
  reader in(content);
  auto record = read_body(in);
  if (!record || !in.is_at_end()) {
    return base::fail(usage_errc::spool_record_invalid);
  }
  return std::move(*record);
}

}
