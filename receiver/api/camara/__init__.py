"""CAMARA's and its vendors' retrieve calls, answered from stored events.

One module for each API has a table of its versions: path, request, answer and errors. A vendor's
path is another path of a version, with what the vendor does otherwise. A release that changes
nothing here has no line of its own.

| API | path | releases |
|---|---|---|
| device-status | `/device-status/v0/…` | 0.5.0, 0.5.1 |
| | `/device-status/v0.6alpha1/…` | 0.6.0-alpha.1 |
| device-reachability-status | `/device-reachability-status/v0.6/retrieve` | 0.6.0, 0.6.1 |
| | `/device-reachability-status/v1/retrieve` | 1.1.0, which programs for 1.0.0 understand |
| | `/device-reachability-status/v1rc3/retrieve` | 1.2.0-rc.3 |
| device-roaming-status | as device-reachability-status | |
| connected-network-type | `/connected-network-type/v0.1/retrieve` | 0.1.0 |
| | `/connected-network-type/v0.2/retrieve` | 0.2.0 |
| | `/connected-network-type/v0.3rc1/retrieve` | 0.3.0-rc.1 |
"""
