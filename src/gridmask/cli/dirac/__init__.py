"""``gridmask dirac``: DIRAC's habits at the shell. A command a file, named as DIRAC's script is, with its options."""
