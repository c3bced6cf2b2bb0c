#include "send_half.hpp"

#include <algorithm>

namespace httvps::wire {

byte_span send_half::reserve(base::slab_pool& pool, std::size_t wanted) {
  const bool tail_fits = !blocks_.empty() && blocks_.back().bytes.free_space().size() >= wanted;
  if (!tail_fits) {
    auto fresh = pool.acquire(wanted);
    if (!fresh) {
      return {};
    }
    if (!blocks_.empty() && blocks_.back().bytes.size() == 0) {
      blocks_.pop_back();
    }
    blocks_.push_back({.start = written_, .bytes = std::move(fresh)});
  }
  return blocks_.back().bytes.free_space();
}

std::size_t send_half::commit(std::size_t count) noexcept {
  if (blocks_.empty() || ending_) {
    return 0;
  }
  auto& tail = blocks_.back().bytes;
  const auto taken = std::min(count, tail.free_space().size());
  tail.commit(taken);
  written_ += taken;
  return taken;
}

bool send_half::raise_limit(byte_count limit) noexcept {
  if (limit <= limit_) {
    return false;
  }
  limit_ = limit;
  return true;
}

std::optional<byte_range> send_half::next_range(std::size_t most, resend lost) const noexcept {
  if (!again_.empty() && lost == resend::allowed) {
    const auto& first = again_.front();
    return byte_range{first.from, std::min(first.to, first.from + most)};
  }
  if (sent_ == written_ || most == 0) {
    return std::nullopt;
  }
  return byte_range{sent_, std::min(written_, sent_ + most)};
}

std::size_t send_half::block_holding(byte_count offset) const noexcept {
  std::size_t low = 0;
  std::size_t high = blocks_.size();
  while (high - low > 1) {
    const auto middle = low + (high - low) / 2;
    (blocks_[middle].start <= offset ? low : high) = middle;
  }
  return low;
}

void send_half::copy_out(byte_range range, byte_span out) const noexcept {
  for (auto index = block_holding(range.from); !out.empty(); ++index) {
    const auto& found = blocks_[index];
    const auto held = found.bytes.view().subspan(range.from - found.start);
    const auto count = std::min(held.size(), out.size());
    base::copy_bytes(out, held.first(count));
    out = out.subspan(count);
    range.from += count;
  }
}

void send_half::mark_sent(byte_range range, carrier_number carrier) {
  if (!again_.empty() && again_.front().from == range.from) {
    again_.front().from = range.to;
    if (again_.front().size() == 0) {
      again_.erase(again_.begin());
    }
  }
  sent_ = std::max(sent_, range.to);
  if (!ranges_.empty() && ranges_.back().carrier == carrier &&
      ranges_.back().range.to == range.from) {
    ranges_.back().range.to = range.to;
    return;
  }
  ranges_.push_back({carrier, range});
}

bool send_half::confirms_end(byte_count offset) const noexcept {
  return ending_ && ending_was_sent_ && offset == ending_->final_offset + 1;
}

base::result<byte_count> send_half::acknowledge(byte_count offset) {
  const bool ends = confirms_end(offset);
  const byte_count bytes = ends ? offset - 1 : offset;
  if (bytes > sent_) {
    return base::fail(errc::offset_invalid);
  }
  const bool meant_for_this_ending = !ending_replaced_ || ending_carrier_ != carrier_number{};
  done_ = done_ || (ends && meant_for_this_ending);
  if (bytes <= acknowledged_) {
    return 0;
  }
  acknowledged_ = bytes;
  const byte_count before = freed_;
  free_below(bytes);
  std::erase_if(ranges_, [bytes](const sent_range& each) { return each.range.to <= bytes; });
  std::erase_if(again_, [bytes](byte_range& each) {
    each.from = std::max(each.from, bytes);
    return each.from >= each.to;
  });
  return freed_ - before;
}

void send_half::free_below(byte_count offset) noexcept {
  while (!blocks_.empty() && blocks_.front().start + blocks_.front().bytes.size() <= offset &&
         blocks_.front().bytes.size() > 0) {
    blocks_.pop_front();
  }
  freed_ = std::max(freed_, offset);
}

void send_half::lose(carrier_number carrier) {
  for (const auto& [owner, range] : ranges_) {
    if (owner == carrier && range.to > acknowledged_) {
      again_.push_back({std::max(range.from, acknowledged_), range.to});
    }
  }
  std::ranges::sort(again_, {}, &byte_range::from);
  std::erase_if(ranges_, [carrier](const sent_range& each) { return each.carrier == carrier; });
  if (ending_ && ending_was_sent_) {
    ending_carrier_ = carrier_number{};
    const bool ends_both_directions = ending_->code && *ending_->code != errc::stopped;
    done_ = done_ && !ends_both_directions;
  }
}

byte_count send_half::awaiting_repeat() const noexcept {
  byte_count bytes = 0;
  for (const auto& each : again_) {
    bytes += each.size();
  }
  return bytes;
}

byte_count send_half::unanswered_on(carrier_number carrier) const noexcept {
  byte_count bytes = 0;
  for (const auto& [owner, range] : ranges_) {
    const bool counts = owner == carrier && range.to > acknowledged_;
    bytes += counts ? range.to - std::max(range.from, acknowledged_) : 0;
  }
  return bytes;
}

void send_half::end(ending how) noexcept {
  ending_ = how;
  ending_carrier_ = carrier_number{};
  ending_replaced_ = ending_was_sent_;
  done_ = false;
}

byte_count send_half::abandon() noexcept {
  const byte_count unsent = written_ - sent_;
  written_ = sent_;
  freed_ = sent_;
  blocks_.clear();
  again_.clear();
  ranges_.clear();
  return unsent;
}

void send_half::rewind(byte_count limit) noexcept {
  limit_ = limit;
  sent_ = 0;
  again_.clear();
  ranges_.clear();
  ending_carrier_ = carrier_number{};
  ending_was_sent_ = ending_replaced_ = false;
}

bool send_half::ending_due() const noexcept {
  return ending_ && ending_carrier_ == carrier_number{} && !done_ && again_.empty() &&
         sent_ == written_;
}

}
