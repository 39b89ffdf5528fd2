"""Effects on the outside, one file or folder each."""
