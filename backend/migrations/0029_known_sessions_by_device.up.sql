CREATE INDEX known_sessions_by_device ON known_sessions (device_id, gateway_id);
