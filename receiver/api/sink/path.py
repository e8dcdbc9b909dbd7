"""The path of the sink; everything that names it imports it from here."""

PATH = "/notifications"
