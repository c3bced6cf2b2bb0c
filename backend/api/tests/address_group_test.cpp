#include "address_group.hpp"

#include <gtest/gtest.h>

namespace httvps::backend::api {
namespace {

TEST(AddressGroup, AddressesOfOneIpv6NetworkAreOne) {
  EXPECT_EQ(address_group("2001:db8:1:2::1"), address_group("2001:db8:1:2:ffff::9"));
  EXPECT_NE(address_group("2001:db8:1:2::1"), address_group("2001:db8:1:3::1"));
  EXPECT_EQ(address_group("2001:db8:1:2::1"), "20010db800010002/64");
}

TEST(AddressGroup, Ipv4AddressesStayApartInEitherForm) {
  EXPECT_EQ(address_group("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(address_group("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_NE(address_group("::ffff:192.0.2.1"), address_group("::ffff:192.0.2.2"));
}

TEST(AddressGroup, ZoneOfALinkLocalAddressDoesNotCount) {
  EXPECT_EQ(address_group("fe80::1%eth0"), address_group("fe80::2%eth1"));
}

}
}
