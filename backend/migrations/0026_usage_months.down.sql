INSERT INTO usage_daily (day, device_id, node_id, up, down)
SELECT month || '-01', device_id, node_id, up, down FROM usage_monthly WHERE up >= 0
ON CONFLICT (day, device_id, node_id) DO UPDATE SET
  up = CASE WHEN usage_daily.up > 9223372036854775807 - excluded.up
    THEN 9223372036854775807 ELSE usage_daily.up + excluded.up END,
  down = CASE WHEN usage_daily.down > 9223372036854775807 - excluded.down
    THEN 9223372036854775807 ELSE usage_daily.down + excluded.down END;
DROP TABLE usage_monthly;
