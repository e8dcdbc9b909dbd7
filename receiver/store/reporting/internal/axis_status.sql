CREATE VIEW axis_status AS
SELECT
    latest.device_id,
    latest.axis,
    latest.value,
    latest.country_code,
    latest.country_name,
    latest.effective_at,
    latest.first_at,
    latest.members,
    min(uncovered.at) FILTER (WHERE uncovered.at >= latest.effective_at) AS unknown_since,
    (
        array_agg(uncovered.because ORDER BY uncovered.at, uncovered.because)
            FILTER (WHERE uncovered.at >= latest.effective_at)
    )[1] AS because,
    max(uncovered.at) FILTER (WHERE uncovered.at < latest.effective_at) AS lost_at,
    latest.other_at,
    latest.other_specificity,
    latest.other_digest
FROM (
    SELECT
        *,
        first_value(against_at) OVER against AS other_at,
        first_value(against_specificity) OVER against AS other_specificity,
        first_value(against_digest) OVER against AS other_digest
    FROM (
        SELECT
            *,
            CASE WHEN value = latest_value THEN said_other_at ELSE effective_at END AS against_at,
            CASE WHEN value = latest_value THEN said_other_specificity ELSE specificity END
                AS against_specificity,
            CASE WHEN value = latest_value THEN said_other_digest ELSE digest END
                AS against_digest
        FROM (
            SELECT
                member.device_id,
                said.axis,
                said.value,
                said.country_code,
                said.country_name,
                said.effective_at,
                said.specificity,
                said.digest,
                said.other_at AS said_other_at,
                said.other_specificity AS said_other_specificity,
                said.other_digest AS said_other_digest,
                first_value(said.value) OVER latest_first AS latest_value,
                row_number() OVER latest_first AS place,
                min(said.first_at) OVER every AS first_at,
                array_agg(member.member_id) OVER every AS members
            FROM device_member AS member
            JOIN device_status AS said ON said.device_id = member.member_id
            WINDOW
                every AS (PARTITION BY member.device_id, said.axis),
                latest_first AS (
                    PARTITION BY member.device_id, said.axis
                    ORDER BY said.effective_at DESC, said.specificity DESC, said.digest DESC
                )
        ) AS register
    ) AS opposed
    WINDOW against AS (
        PARTITION BY device_id, axis
        ORDER BY against_at DESC, against_specificity DESC, against_digest DESC
    )
) AS latest
LEFT JOIN uncovered
    ON uncovered.device_id = latest.device_id
    AND EXISTS (
        SELECT FROM way_out
        WHERE way_out.axis = latest.axis
            AND (way_out.value IS NULL OR way_out.value = latest.value)
            AND (way_out.other_than IS NULL OR way_out.other_than <> latest.value)
            AND uncovered.lost & way_out.names <> 0
            AND uncovered.told & way_out.names = 0
    )
WHERE latest.place = 1
GROUP BY
    latest.device_id, latest.axis, latest.value, latest.country_code, latest.country_name,
    latest.effective_at, latest.first_at, latest.members, latest.other_at,
    latest.other_specificity, latest.other_digest
