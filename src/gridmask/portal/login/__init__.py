"""In, and out again."""
