-- Each kind by itself: who asks for a value alone finds it by the index, which begins with the kind.
CREATE VIEW reporting.device_identifier AS
SELECT
    device_id,
    kind,
    value
FROM device_identifier
WHERE kind = 'phone-number'
UNION ALL
SELECT
    device_id,
    kind,
    value
FROM device_identifier
WHERE kind = 'network-access-identifier'
