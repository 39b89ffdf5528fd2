"""All that is known of one element, and what can be done about it."""
