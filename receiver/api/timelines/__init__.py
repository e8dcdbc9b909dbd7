"""What was when: intervals, roaming sessions and availability of a device."""
