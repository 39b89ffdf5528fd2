"""The autonomic loop: sources are read, what follows is decided, what was decided is written down and told."""
