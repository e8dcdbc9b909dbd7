CREATE VIEW reporting.device_identifier AS
SELECT
    device_id,
    kind,
    value
FROM device_identifier
