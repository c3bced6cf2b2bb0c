INSERT INTO usage_daily (day, device_id, node_id, up, down)
SELECT substr(j.hour, 1, 10), j.device_id, j.node_id,
  CAST(SUM(j.up) AS BIGINT), CAST(SUM(j.down) AS BIGINT)
FROM usage_journal j
JOIN usage_backlog b ON b.gateway_id = j.gateway_id AND b.epoch = j.epoch AND b.seq = j.seq
GROUP BY substr(j.hour, 1, 10), j.device_id, j.node_id
ON CONFLICT (day, device_id, node_id) DO UPDATE SET
  up = CASE WHEN usage_daily.up > 9223372036854775807 - excluded.up
    THEN 9223372036854775807 ELSE usage_daily.up + excluded.up END,
  down = CASE WHEN usage_daily.down > 9223372036854775807 - excluded.down
    THEN 9223372036854775807 ELSE usage_daily.down + excluded.down END;
DROP TABLE worker_leases;
DROP TABLE usage_hourly;
DROP INDEX usage_batches_by_age;
DROP TABLE usage_backlog;
DROP TABLE usage_journal;
