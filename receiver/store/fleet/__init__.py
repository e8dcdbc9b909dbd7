"""The fleet: every device with its status, in pages.

States: an index, or the tail of events that are not derived yet, names candidates in the order of
their ids. A candidate is a device that itself said what the lead of the question asks for. It leads
to the row of the device that it stands for. A row with several candidates has the place of the
first one, so that it comes once.
"""
