"""The report of a comparison: one page that stands alone, without a network and without a script."""
