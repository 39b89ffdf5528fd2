"""How an installation, and how a VO, fares at a glance."""
