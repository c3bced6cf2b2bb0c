#include "gone_answers.hpp"

#include <algorithm>
#include <array>

#include "httvps/wire/errc.hpp"
#include "httvps/wire/limits.hpp"

namespace httvps::wire {

gone_answers::answer* gone_answers::place(stream_id stream) {
  const auto found = std::ranges::lower_bound(answers_, stream, {}, &answer::stream);
  if (found != answers_.end() && found->stream == stream) {
    return &*found;
  }
  if (answers_.size() >= gone_answers_most) {
    return nullptr;
  }
  return &*answers_.insert(found, {.stream = stream});
}

void gone_answers::acknowledge(stream_id stream, byte_count final_offset) {
  if (auto* what = place(stream)) {
    what->acknowledgement = final_offset + 1;
  }
}

void gone_answers::refuse(stream_id stream) {
  if (auto* what = place(stream)) {
    what->refused = true;
  }
}

bool gone_answers::put(const answer& what, frame_writer& out) {
  const std::array<stream_offset, 1> entry{stream_offset{what.stream, what.acknowledgement}};
  if (what.acknowledgement > 0 && !out.put_acks(entry)) {
    return false;
  }
  return !what.refused ||
         out.put(reset_frame{.stream = what.stream, .code = to_wire(errc::closed)});
}

void gone_answers::write(frame_writer& out) {
  while (!answers_.empty() && put(answers_.back(), out)) {
    answers_.pop_back();
  }
}

}
