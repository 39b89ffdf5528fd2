"""What people would rather look at: statuses, marks, bars."""
