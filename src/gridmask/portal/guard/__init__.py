"""What the guard holds, for people to decide."""
