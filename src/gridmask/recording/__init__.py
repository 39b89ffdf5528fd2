"""What happened, written down so that it can happen again: forms of events and of the world, and recordings of a period."""
