#include "httvps/gateway/app/host_check.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <utility>

#include "temporary_folder.hpp"
#include "test_certificate.hpp"

namespace httvps::gateway {
namespace {

namespace files = std::filesystem;

constexpr const char* limits_head =
    "Limit                     Soft Limit           Hard Limit           Units     \n";

class fake_proc {
 public:
  fake_proc() {
    for (const auto& each : wanted_kernel_settings()) {
      set(each.name, each.value);
    }
    set("net.ipv4.tcp_available_congestion_control", "reno bbr cubic");
    allow_descriptors("20000");
  }

  void set(std::string name, const std::string& value) const {
    std::ranges::replace(name, '.', '/');
    write("sys/" + name, value + "\n");
  }
  void remove(std::string name) const {
    std::ranges::replace(name, '.', '/');
    files::remove(root_ / "sys" / name);
  }
  void allow_descriptors(const std::string& hard) const {
    write("self/limits", std::string(limits_head) +
                             "Max open files            1024                 " + hard +
                             "                files     \n");
  }
  host_view view() const {
    return {.proc = root_.string(), .engines = shadowsocks::engine_support::ipsec_mb_too};
  }

 private:
  void write(const std::string& inner, const std::string& text) const {
    const auto path = root_ / inner;
    files::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }

  temporary_folder home_;
  files::path root_ = home_.path();
};

finding about(const std::vector<finding>& findings, const std::string& subject) {
  const auto found = std::ranges::find(findings, subject, &finding::subject);
  return found == findings.end() ? finding{.subject = "absent", .sentence = {}} : *found;
}

gateway_settings modest() {
  gateway_settings settings;
  settings.connections = 10000;
  settings.streams = 8192;
  settings.flows = 1024;
  return settings;
}

TEST(HostCheck, AMachineThatHasAllIsGood) {
  const fake_proc proc;
  for (const auto& each : check_kernel(proc.view())) {
    EXPECT_EQ(each.grade, finding_grade::good) << each.subject << each.sentence;
    EXPECT_TRUE(each.mend.empty());
  }
}

TEST(HostCheck, AKernelSettingThatIsTooSmallComesWithTheCommandThatMendsIt) {
  const fake_proc proc;
  proc.set("net.ipv4.tcp_wmem", "4096\t16384\t4194304");
  const auto found = about(check_kernel(proc.view()), "net.ipv4.tcp_wmem");
  EXPECT_EQ(found.grade, finding_grade::advice);
  EXPECT_NE(found.sentence.find("4096 16384 4194304"), std::string::npos);
  EXPECT_EQ(found.mend, "sysctl -w net.ipv4.tcp_wmem=\"4096 16384 33554432\"");
}

TEST(HostCheck, ABufferLargerThanWantedIsGood) {
  const fake_proc proc;
  proc.set("net.ipv4.tcp_rmem", "4096\t131072\t67108864");
  EXPECT_EQ(about(check_kernel(proc.view()), "net.ipv4.tcp_rmem").grade, finding_grade::good);
}

TEST(HostCheck, SeveralKernelSettingsAreMendedByTheDropIn) {
  const fake_proc proc;
  proc.set("net.core.default_qdisc", "pfifo_fast");
  proc.set("net.core.somaxconn", "128");
  const auto found = about(check_kernel(proc.view()), "kernel settings");
  EXPECT_NE(found.mend.find("90-httvps.conf"), std::string::npos);
  EXPECT_NE(found.sentence.find("2 of them"), std::string::npos);
}

TEST(HostCheck, AKernelWithoutBbrIsTold) {
  const fake_proc proc;
  proc.set("net.ipv4.tcp_available_congestion_control", "reno cubic bbr2");
  const auto found = about(check_kernel(proc.view()), "BBR");
  EXPECT_EQ(found.grade, finding_grade::advice);
  EXPECT_TRUE(found.mend.starts_with("modprobe tcp_bbr"));
}

TEST(HostCheck, AKernelSettingThatCannotBeReadDoesNotFail) {
  const fake_proc proc;
  proc.remove("net.core.rmem_max");
  const auto findings = check_kernel(proc.view());
  EXPECT_EQ(about(findings, "net.core.rmem_max").grade, finding_grade::advice);
  EXPECT_FALSE(is_anything_missing(findings));
}

TEST(HostCheck, TheDropInHoldsWhatTheCheckWants) {
  std::map<std::string, std::string> held;
  std::ifstream file(HTTVPS_SOURCE_DIR "/deploy/sysctl.d/90-httvps.conf");
  for (std::string line; std::getline(file, line);) {
    const auto equals = line.find(" = ");
    ASSERT_NE(equals, std::string::npos) << line;
    held[line.substr(0, equals)] = line.substr(equals + 3);
  }
  const auto wanted = wanted_kernel_settings();
  EXPECT_EQ(held.size(), wanted.size());
  for (const auto& each : wanted) {
    EXPECT_EQ(held[each.name], each.value) << each.name;
  }
}

TEST(HostCheck, DescriptorsAreCountedAgainstTheHardLimit) {
  const fake_proc proc;
  EXPECT_EQ(about(check_process(modest(), proc.view()), "descriptors").grade, finding_grade::good);
  proc.allow_descriptors("4096 ");
  const auto found = about(check_process(modest(), proc.view()), "descriptors");
  EXPECT_EQ(found.grade, finding_grade::advice);
  EXPECT_NE(found.sentence.find("4096"), std::string::npos);
  EXPECT_NE(found.mend.find("LimitNOFILE=19472"), std::string::npos);
  proc.allow_descriptors("unlimited");
  EXPECT_EQ(about(check_process(modest(), proc.view()), "descriptors").grade, finding_grade::good);
}

TEST(HostCheck, AnEngineThatCannotRunIsMissing) {
  auto settings = modest();
  settings.aead_engine = shadowsocks::engine_choice::ipsec_mb;
  const fake_proc proc;
  auto host = proc.view();
  EXPECT_FALSE(is_anything_missing(check_process(settings, host)));
  host.engines = shadowsocks::engine_support::openssl_only;
  EXPECT_TRUE(is_anything_missing(check_process(settings, host)));
  settings.aead_engine = shadowsocks::engine_choice::automatic;
  EXPECT_FALSE(is_anything_missing(check_process(settings, host)));
}

TEST(HostCheck, CertificateStateFolderAndMembershipAreNamedWhenMissing) {
  gateway_settings settings;
  settings.certificate_file = "/nowhere/chain.pem";
  settings.key_file = "/nowhere/key.pem";
  settings.next_key_file = "/nowhere/next.pem";
  settings.state_dir = "/etc/passwd/state";
  const auto findings = check_files(settings);
  for (const std::string subject : {"certificate", "next key", "state folder", "membership"}) {
    EXPECT_EQ(about(findings, subject).grade, finding_grade::missing) << subject;
    EXPECT_FALSE(about(findings, subject).mend.empty()) << subject;
  }
}

TEST(HostCheck, FilesThatAreThereAreGood) {
  const net::testing::test_certificate certificate("localhost");
  gateway_settings settings;
  settings.certificate_file = certificate.chain_file();
  settings.key_file = certificate.key_file();
  settings.state_dir = files::temp_directory_path() / "httvps-not-made-yet" / "state";
  settings.join_secret = base::secret_bytes::from_text("secret");
  for (const auto& file : {std::string(), certificate.public_key_file()}) {
    settings.next_key_file = file;
    for (const auto& each : check_files(settings)) {
      EXPECT_EQ(each.grade, finding_grade::good) << each.subject << each.sentence;
    }
  }
}

TEST(HostCheck, ABackendThatIsNotThereIsAdviceOnly) {
  gateway_settings settings;
  settings.backend_url = "http://127.0.0.1:1";
  const auto found = check_backend(settings);
  EXPECT_EQ(found.grade, finding_grade::advice);
  EXPECT_EQ(found.mend, "curl -i http://127.0.0.1:1/healthz");
}

TEST(HostCheck, TheTextHasAGradeALineAndTheCommandBelow) {
  const std::vector<finding> findings{
      {.subject = "one", .sentence = "is there."},
      {.grade = finding_grade::missing, .subject = "two", .sentence = "is not.", .mend = "do it"}};
  EXPECT_EQ(to_text(findings), "ok      one: is there.\nmissing two: is not.\n        > do it\n");
}

TEST(HostCheck, TheSoftDescriptorLimitIsRaisedToTheHardOne) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{.rlim_cur = 256, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  raise_descriptor_limit();
  rlimit after{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, before.rlim_max);
}

}
}
