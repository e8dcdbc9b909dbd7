"""What was when: intervals, sessions and availability, computed from events as they are asked."""
