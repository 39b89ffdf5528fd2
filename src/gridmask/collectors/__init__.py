"""Where evidence comes from: one folder per source, with everything that knows the source's formats."""
