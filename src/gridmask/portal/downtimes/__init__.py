"""What is announced: when, where, for whom, and how often it was another."""
