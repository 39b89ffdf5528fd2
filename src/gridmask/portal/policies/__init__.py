"""What governs what, what it says and how often it decides; and where somebody tries other policies."""
