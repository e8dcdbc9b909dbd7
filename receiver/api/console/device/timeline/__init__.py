"""What was when, as a drawing: pure functions from answers of the API to shapes in pixels.

| who | does |
|---|---|
| `window` | the time that is shown, its ticks and its neighbours |
| `segments` | values over time, lane by lane |
| `lines` | subscriptions over time |
| `shapes`, `canvas` | what a drawing is made of |
| `drawing`, `marks` | lanes; subscriptions, findings and lateness |

A drawing is made twice, once as wide as a desk and once as wide as a phone; the style shows one.
"""
