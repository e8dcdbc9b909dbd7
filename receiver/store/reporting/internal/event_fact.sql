CREATE VIEW event_fact AS
SELECT
    device_id,
    stored_at,
    seq,
    digest,
    name,
    subscription_id,
    credential,
    occurred_at,
    received_at,
    phone_number,
    network_access_identifier,
    connectivity,
    roaming,
    country_code,
    country_name,
    connected_network_type,
    termination_reason,
    update_reason,
    findings
FROM event
UNION ALL
SELECT
    device_id,
    stored_at,
    seq,
    digest,
    name,
    subscription_id,
    credential,
    occurred_at,
    received_at,
    phone_number,
    network_access_identifier,
    connectivity,
    roaming,
    country_code,
    country_name,
    connected_network_type,
    termination_reason,
    update_reason,
    findings
FROM event_seed
