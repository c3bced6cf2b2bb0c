CREATE INDEX devices_revoked ON devices (revoked_at) WHERE state = 'revoked';
CREATE INDEX users_suspended ON users (id) WHERE state = 'suspended';
CREATE INDEX subscriptions_suspended ON subscriptions (id) WHERE suspended_at IS NOT NULL;
