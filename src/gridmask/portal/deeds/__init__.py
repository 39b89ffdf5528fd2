"""What people do to rows: what they type, what it would lead to, what was done, and how it is undone."""
