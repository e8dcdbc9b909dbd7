CREATE VIEW reporting.event AS
SELECT
    rtrim(translate(encode(
        uuid_send(event.device_id)
            || int8send((extract(epoch FROM event.stored_at) * 1000000)::bigint)
            || int8send(event.seq),
        'base64'), '+/', '-_'), '=') AS event_id,
    event.device_id,
    event.phone_number,
    event.network_access_identifier,
    event.kind,
    event.name,
    event.type,
    event.form,
    event.source,
    event.event_id AS sender_event_id,
    event.subscription_id,
    event.credential,
    event.occurred_at,
    event.received_at,
    coalesce((
        SELECT event_identity.deliveries
        FROM event_identity
        WHERE event_identity.sent_at = CASE
                WHEN 'time-missing' = ANY (event.findings) THEN '-infinity'
                ELSE event.occurred_at
            END
            AND event_identity.device_id = event.device_id
            AND event_identity.digest = event.digest
    ), 1) AS deliveries,
    event.connectivity,
    event.roaming,
    event.country_code,
    event.country_name,
    event.connected_network_type,
    event.termination_reason,
    event.findings,
    event.payload::jsonb AS payload,
    event.initiation_reason,
    event.update_reason,
    event.termination_description,
    event.initiation_description,
    event.update_description,
    event.stored_at
FROM event
