#pragma once

namespace httvps::testing {

struct processor_time {
  double all = 0;
  double own = 0;
};

processor_time used_processor_time();

inline double foreign_time(const processor_time& before, const processor_time& after) {
  return (after.all - before.all) - (after.own - before.own);
}

}
