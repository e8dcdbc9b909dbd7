"""The week of one phone, for the page of a device and for its picture: the same each time.

The phone goes to France and Spain for two days, is not reached now and then, and loses the
subscription that told it until another begins. Two events arrive late, one breaks its
specification, and one is of a type that nobody knows.
"""

from tests.support.paths import ROOT

PHONE_NUMBER = "+99999992000"

# `receiver import` reads it, with the time at which each notification arrived.
FILE = ROOT / "docs" / "pictures" / "device.ndjson"

# The query of the page that shows the week.
WEEK = "?span=week&to=2026-04-20T00%3A00%3A00Z"
