#pragma once

namespace httvps::node {

struct machine_load {
  double cpu = 0;
  double memory = 0;
};

machine_load read_machine_load();

}
