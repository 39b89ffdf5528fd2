"""The door for clients of DIRAC: its remote procedure calls over HTTPS, with its tables, rows and errors.

It translates and decides nothing: what is asked goes to the same use cases as through any other door.
"""
