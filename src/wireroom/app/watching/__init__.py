"""The system watches itself: what is looked at, when that is an alarm, and who is told."""
