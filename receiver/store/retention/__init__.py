"""Retention: months of events that are dropped, and what of them goes on deciding answers.

A month of `event` receives nothing once it is over. What of it still decides answers (the seeds,
as `projection.seeds` specifies them) is copied, and its events of subscriptions are counted, while
it is read as ever. Then one row changes: `retention.kept_from`. From that commit on the month is
gone from every answer: its seeds and counts stand for it. Both may stand beside the events
meanwhile, because a fact that is read twice decides nothing, and counts of a month count only once
`kept_from` lies behind it. What is left is to free the room, which nobody waits for.

| step | what fails |
|---|---|
| seeds and counts, by small ranges, each a transaction | what is done is done again without harm |
| `kept_from`, one row | the month is kept, or is not |
| the partition is detached, beside the work of the service | the next run tries again |
| identities, by small ranges, but for those that others hold | the next run goes on |
| the table is dropped, which nobody reads any more | the next run tries again |

An open report is waited for a short while only, and its month left to the next run; no insert waits
for any step. Readers leave a partition out from the first try to detach it.

A month is dropped only when everything of it is derived, by this release and in this cluster; a
rebuild reads seeds and events.
"""
