"""Feeds: a mask in a format, kept in a file or at an address as it is now."""
