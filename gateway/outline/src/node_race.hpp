#pragma once

#include "node_reach.hpp"

namespace httvps::gateway {

struct reached_node {
  shared_node node;
  net::tcp_stream stream;
};

struct node_pair {
  shared_node first;
  shared_node reserve;
};

net::task<reached_node> reach_either(node_pair nodes, const base::clock* clock,
                                     base::steady_time deadline);

}
