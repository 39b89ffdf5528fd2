"""Who comes in: what tokens and certificates prove, and what that grants. Nothing here decides what an action takes."""
