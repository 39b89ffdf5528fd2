"""CRIC's exclusions: which storage endpoints and queues somebody has switched off, for what, until when, and why.

The form is that of its documents ``ddmendpointstatus`` and ``pandaqueuestatus``.
"""
