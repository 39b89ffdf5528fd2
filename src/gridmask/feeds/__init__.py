"""Masks, and what they follow, in other people's formats, one file each. They import the domain alone."""
