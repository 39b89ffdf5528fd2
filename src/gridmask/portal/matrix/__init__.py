"""Elements against status types, or against VOs."""
