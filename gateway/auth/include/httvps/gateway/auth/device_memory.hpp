#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace httvps::gateway {

enum class remembering { added, renewed, displaced_another, nothing };

template <typename Entry>
class device_memory {
 public:
  using kept = std::shared_ptr<const Entry>;

  explicit device_memory(std::size_t limit) : limit_(limit) {}
  device_memory(const device_memory&) = delete;
  device_memory& operator=(const device_memory&) = delete;

  remembering record(Entry entry) {
    auto fresh = std::make_shared<const Entry>(std::move(entry));
    const std::scoped_lock hold(guard_);
    if (limit_ == 0) {
      return remembering::nothing;
    }
    auto outcome = erase_known(fresh->device_id) ? remembering::renewed : remembering::added;
    if (places_.size() >= limit_) {
      erase(std::prev(newest_first_.end()));
      outcome = remembering::displaced_another;
    }
    newest_first_.push_front(std::move(fresh));
    places_.emplace(newest_first_.front()->device_id, newest_first_.begin());
    ++revision_;
    return outcome;
  }

  bool forget(std::string_view device_id) {
    const std::scoped_lock hold(guard_);
    const bool was_known = erase_known(device_id);
    revision_ += was_known ? 1 : 0;
    return was_known;
  }

  template <typename Condition>
  bool forget_oldest_if(const Condition& holds) {
    const std::scoped_lock hold(guard_);
    if (newest_first_.empty() || !holds(*newest_first_.back())) {
      return false;
    }
    erase(std::prev(newest_first_.end()));
    ++revision_;
    return true;
  }

  kept find(std::string_view device_id) const {
    const std::scoped_lock hold(guard_);
    const auto found = places_.find(device_id);
    return found == places_.end() ? nullptr : *found->second;
  }

  std::vector<kept> newest_first() const {
    const std::scoped_lock hold(guard_);
    return {newest_first_.begin(), newest_first_.end()};
  }

  std::size_t size() const {
    const std::scoped_lock hold(guard_);
    return places_.size();
  }

  std::uint64_t revision() const {
    const std::scoped_lock hold(guard_);
    return revision_;
  }

 private:
  using entry_list = std::list<kept>;

  void erase(typename entry_list::iterator place) {
    places_.erase((*place)->device_id);
    newest_first_.erase(place);
  }

  bool erase_known(std::string_view device_id) {
    const auto found = places_.find(device_id);
    if (found == places_.end()) {
      return false;
    }
    erase(found->second);
    return true;
  }

  const std::size_t limit_;
  mutable std::mutex guard_;
  entry_list newest_first_;
  std::unordered_map<std::string_view, typename entry_list::iterator> places_;
  std::uint64_t revision_ = 0;
};

}
