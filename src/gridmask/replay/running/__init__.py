"""Running: a replay as work that is done, in processes beside each other if it can be, and that can be gone on with."""
