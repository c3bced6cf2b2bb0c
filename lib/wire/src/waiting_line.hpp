#pragma once

#include <boost/intrusive/list.hpp>
#include <cstddef>

#include "stream.hpp"

namespace httvps::wire {

class waiting_line {
 public:
  bool empty() const noexcept { return dry_.empty() && supplied_.empty(); }
  std::size_t size() const noexcept { return dry_.size() + supplied_.size(); }
  stream* front() noexcept;

  void join(stream& each);
  void note_dry(stream& each);
  void leave(stream& each) noexcept;
  void clear() noexcept;

 private:
  using hook = boost::intrusive::member_hook<stream, boost::intrusive::list_member_hook<>,
                                             &stream::place_in_line>;
  using row = boost::intrusive::list<stream, hook>;

  row dry_;
  row supplied_;
};

}
