DROP INDEX known_sessions_by_device;
