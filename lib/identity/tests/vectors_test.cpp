#include <gtest/gtest.h>

#include "httvps/identity/device_proof.hpp"
#include "httvps/identity/document.hpp"
#include "httvps/identity/enrolment_link.hpp"
#include "httvps/identity/key_set.hpp"
#include "httvps/identity/knock.hpp"
#include "httvps/identity/policy.hpp"
#include "httvps/identity/sealed_box.hpp"
#include "vector_file.hpp"

namespace httvps::identity {
namespace {

using boost::json::object;
using boost::json::value;

template <typename Value>
std::string outcome_of(const base::result<Value>& outcome) {
  return outcome ? "good" : std::string(base::label_of(outcome.error()));
}

std::string expected_outcome(const object& check) {
  const auto& error = check.at("error");
  return error.is_null() ? "good" : text_of(error);
}

base::system_time time_of(const value& seconds) {
  return base::from_unix_seconds(seconds.as_int64());
}

expiry_grace grace_of(const object& check) {
  const auto* seconds = check.if_contains("grace");
  const std::chrono::seconds wanted(seconds == nullptr ? 0 : seconds->as_int64());
  return wanted > std::chrono::hours(24) ? expiry_grace::renewal() : expiry_grace::offline(wanted);
}

template <typename Claims>
void expect_same_document(const object& document, const signing_key& key,
                          const base::result<Claims>& claims) {
  ASSERT_TRUE(claims.has_value()) << document.at("name");
  EXPECT_EQ(encode_claims(*claims).value(), text_of(document.at("payload")));
  EXPECT_EQ(sign_document(key, *claims).value(), text_of(document.at("token")));
}

class IdentityVectors : public testing::Test {
 protected:
  const object file_ = read_vectors("identity.json");
  const base::system_time now_ = time_of(file_.at("now"));
  const key_set keys_ = key_set::verify(text_of(file_.at("key_set")),
                                        {.root = key("root").public_part(), .now = now_})
                            .value();

  signing_key key(const std::string& role) const {
    return key_from_hex(file_.at("keys").at(role).at("seed"));
  }

  document_check check_at(const object& check) const {
    return {.keys = keys_, .now = time_of(check.at("now")), .grace = grace_of(check)};
  }

  std::vector<object> list(const std::string& name) const {
    std::vector<object> all;
    for (const auto& item : file_.at(name).as_array()) {
      all.push_back(item.as_object());
    }
    EXPECT_FALSE(all.empty());
    return all;
  }

  std::string verify_document(const object& check) const {
    const auto token = text_of(check.at("token"));
    const auto purpose = text_of(check.at("context"));
    if (purpose == "htv1/access-token") {
      return outcome_of(verify_access_token(token, check_at(check)));
    }
    if (purpose == "htv1/policy") {
      return outcome_of(verify_policy(token, check_at(check)));
    }
    return purpose == "htv1/ticket" ? outcome_of(verify_ticket(token, check_at(check)))
                                    : outcome_of(verify_config(token, check_at(check)));
  }
};

channel_binding binding_of(const object& check) {
  channel_binding binding{.gateway_id = text_of(check.at("gateway")), .exporter = {}};
  base::copy_bytes(binding.exporter, bytes_of(check.at("exporter")));
  return binding;
}

struct knock_verifier {
  channel_binding binding;
  document_check check;
  std::string operator()(const auto& presented) const {
    return outcome_of(verify_knock(presented, binding, check));
  }
};

TEST_F(IdentityVectors, KeysComeFromTheirSeeds) {
  for (const auto& entry : file_.at("keys").as_object()) {
    const auto made = key_from_hex(entry.value().at("seed"));
    EXPECT_EQ(made.public_part().to_base64url(), text_of(entry.value().at("public")));
    EXPECT_EQ(made.key_id(), text_of(entry.value().at("kid")));
  }
}

TEST_F(IdentityVectors, DocumentsAreSignedByteForByte) {
  for (const auto& document : list("documents")) {
    const auto signer = key(text_of(document.at("key")));
    const auto purpose = text_of(document.at("context"));
    const auto payload = text_of(document.at("payload"));
    if (purpose == "htv1/access-token") {
      expect_same_document(document, signer, decode_access_claims(payload));
    } else if (purpose == "htv1/ticket") {
      expect_same_document(document, signer, decode_ticket_claims(payload));
    } else if (purpose == "htv1/policy") {
      expect_same_document(document, signer, decode_policy_claims(payload));
    } else if (purpose == "htv1/config") {
      expect_same_document(document, signer, decode_config_claims(payload));
    } else {
      expect_same_document(document, signer, decode_key_set_claims(payload));
    }
  }
}

TEST_F(IdentityVectors, DocumentsAreCheckedAsWritten) {
  for (const auto& check : list("document_checks")) {
    EXPECT_EQ(verify_document(check), expected_outcome(check)) << check.at("name");
  }
}

TEST_F(IdentityVectors, KeySetsAreCheckedAsWritten) {
  for (const auto& check : list("key_set_checks")) {
    const key_set_check wanted{
        .root = key("root").public_part(),
        .now = time_of(check.at("now")),
        .least_version = static_cast<std::uint64_t>(check.at("least_version").as_int64())};
    EXPECT_EQ(outcome_of(key_set::verify(text_of(check.at("token")), wanted)),
              expected_outcome(check))
        << check.at("name");
  }
}

TEST_F(IdentityVectors, KnocksAreBuiltByteForByte) {
  int built = 0;
  for (const auto& check : list("knock_checks")) {
    if (!check.contains("kind")) {
      continue;
    }
    const auto build =
        text_of(check.at("kind")) == "access" ? build_access_knock : build_ticket_knock;
    EXPECT_EQ(build(text_of(check.at("token")), key("device"), binding_of(check)).value(),
              text_of(check.at("cookie")));
    ++built;
  }
  EXPECT_EQ(built, 2);
}

TEST_F(IdentityVectors, KnocksAreCheckedAsWritten) {
  for (const auto& check : list("knock_checks")) {
    const auto parsed = parse_knock(text_of(check.at("cookie")));
    const auto outcome =
        parsed ? std::visit(knock_verifier{binding_of(check), check_at(check)}, *parsed)
               : outcome_of(parsed);
    EXPECT_EQ(outcome, expected_outcome(check)) << check.at("name");
  }
}

TEST_F(IdentityVectors, DeviceProofsAreBuiltByteForByte) {
  int built = 0;
  for (const auto& check : list("proof_checks")) {
    if (!check.contains("token")) {
      continue;
    }
    const auto method = text_of(check.at("method"));
    const auto path = text_of(check.at("path"));
    const auto body = text_of(check.at("body"));
    const auto token = text_of(check.at("token"));
    const auto device = key("device");
    EXPECT_EQ(build_device_proof({.method = method, .path = path, .body = base::as_bytes(body)},
                                 {.token = token, .device = device, .now = now_})
                  .value(),
              text_of(check.at("header")));
    ++built;
  }
  EXPECT_EQ(built, 2);
}

TEST_F(IdentityVectors, DeviceProofsAreCheckedAsWritten) {
  for (const auto& check : list("proof_checks")) {
    const auto method = text_of(check.at("method"));
    const auto path = text_of(check.at("path"));
    const auto body = text_of(check.at("body"));
    const auto outcome = verify_device_proof(
        text_of(check.at("header")), {.method = method, .path = path, .body = base::as_bytes(body)},
        {.document = check_at(check)});
    EXPECT_EQ(outcome_of(outcome), expected_outcome(check)) << check.at("name");
  }
}

TEST_F(IdentityVectors, LinksAreCheckedAsWritten) {
  for (const auto& check : list("link_checks")) {
    const auto link = parse_enrolment_link(text_of(check.at("link")));
    const auto outcome = link ? outcome_of(verify_enrolment_link(*link, time_of(check.at("now"))))
                              : outcome_of(link);
    EXPECT_EQ(outcome, expected_outcome(check)) << check.at("name");
  }
}

TEST_F(IdentityVectors, FirstLinkIsBuiltByteForByte) {
  const auto text = text_of(list("link_checks").front().at("link"));
  EXPECT_EQ(build_enrolment_link(parse_enrolment_link(text).value()).value(), text);
}

TEST_F(IdentityVectors, SealedBoxesOpenAsWritten) {
  for (const auto& box : list("sealed_boxes")) {
    const auto recipient = box_key::from_secret(base::secret_bytes(bytes_of(box.at("secret"))));
    EXPECT_EQ(recipient->public_part().to_base64url(), text_of(box.at("public")));
    const auto opened = recipient->open(base::from_base64url(text_of(box.at("sealed"))).value());
    EXPECT_EQ(outcome_of(opened), expected_outcome(box)) << box.at("name");
    if (opened) {
      EXPECT_EQ(opened->reveal_text(), text_of(box.at("content")));
    }
  }
}

}
}
