#include "httvps/backend/storage/database_address.hpp"

#include <gtest/gtest.h>

#include "httvps/backend/storage/errc.hpp"

namespace httvps::backend::storage {
namespace {

std::string text_of(std::string_view dsn) {
  const auto address = database_address::parse(dsn);
  EXPECT_TRUE(address) << dsn;
  return address ? std::string(address->connection_text().reveal_text()) : std::string();
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(SqliteAddress, NamesAFile) {
  EXPECT_EQ(database_address::parse("sqlite:///var/lib/x.db")->path(), "/var/lib/x.db");
  EXPECT_EQ(database_address::parse("sqlite://x.db")->path(), "x.db");
  EXPECT_EQ(database_address::parse("sqlite://x.db")->engine(), engine_kind::sqlite);
}

TEST(DatabaseAddress, RefusesWhatIsNoAddress) {
  for (const auto* dsn : {"", "sqlite://", "mysql://x", "/x.db", "sqlite:///x?mode=ro",
                          "postgres://h/d?colour=red", "postgres://h/%zz", "postgres:/d"}) {
    const auto parsed = database_address::parse(dsn);
    ASSERT_FALSE(parsed) << dsn;
    EXPECT_EQ(parsed.error(), errc::dsn_invalid) << dsn;
  }
  const auto long_name = "postgres:///" + std::string(5000, 'd');
  EXPECT_EQ(database_address::parse(long_name).error(), errc::dsn_invalid);
}

TEST(PostgresqlAddress, TakesBothSchemesAndEveryPart) {
  for (const auto* scheme : {"postgres", "postgresql"}) {
    const auto text = text_of(std::string(scheme) + "://me:p%27w%5C@127.0.0.1:5433/base");
    EXPECT_TRUE(has(text, "user='me'")) << text;
    EXPECT_TRUE(has(text, "password='p\\'w\\\\'")) << text;
    EXPECT_TRUE(has(text, "host='127.0.0.1'")) << text;
    EXPECT_TRUE(has(text, "port='5433'")) << text;
    EXPECT_TRUE(has(text, "dbname='base'")) << text;
  }
  EXPECT_TRUE(database_address::parse("postgres:///base")->path().empty());
}

TEST(PostgresqlAddress, BoundsTheWaitForAServer) {
  EXPECT_TRUE(has(text_of("postgres:///base"), "connect_timeout='5'"));
  EXPECT_TRUE(has(text_of("postgres:///base?connect_timeout=9"), "connect_timeout='9'"));
  EXPECT_FALSE(has(text_of("postgres:///base?connect_timeout=9"), "connect_timeout='5'"));
}

TEST(PostgresqlAddress, RemoteServersMustProveWhoTheyAre) {
  for (const auto* remote :
       {"postgres://db.example/base", "postgres://localhost,db.example/base",
        "postgres://192.0.2.1/base", "postgres:///base?host=127.0.0.1&hostaddr=192.0.2.1",
        "postgres:///base?service=remote"}) {
    EXPECT_TRUE(has(text_of(remote), "sslmode='verify-full'")) << remote;
  }
  for (const auto* local : {"postgres:///base", "postgres://localhost/base",
                            "postgres://[::1]/base", "postgres:///base?host=/run/postgresql"}) {
    EXPECT_FALSE(has(text_of(local), "sslmode")) << local;
  }
}

TEST(PostgresqlAddress, ChosenSslmodeIsKept) {
  const auto text = text_of("postgres://db.example/base?sslmode=verify-ca");
  EXPECT_TRUE(has(text, "sslmode='verify-ca'"));
  EXPECT_FALSE(has(text, "verify-full"));
}

}
}
