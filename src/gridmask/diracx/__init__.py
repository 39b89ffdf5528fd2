"""DiracX's own door on statuses, read and put into our words."""
