"""An example of a plug-in for Gridmask: hosts that are too busy are not used."""
