"""The use cases, a noun a file. Doors translate; what is done, and who may do it, is decided here."""
