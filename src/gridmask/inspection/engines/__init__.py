"""Engines: by what means work is spread and woken. The truth is in the database, whichever it is."""
