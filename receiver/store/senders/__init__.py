"""What each sender sent in a window of time: read from the events by their order of arrival."""
