"""What stands around every page, and what every page is made with."""
