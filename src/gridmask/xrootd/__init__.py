"""XRootD's root protocol, as far as probes and sources speak it: to come in, and to ask one thing after the other.

Every request is a header of 24 bytes (a stream's id of two, a number of what is asked, 16 bytes that belong to it, and the
length of what follows), every answer one of 8 (the stream's id, a status, and the length of what follows), all in network
order; written after the protocol's reference, version 5. A client says which protocol it speaks, and learns whether it has to
go on within TLS; it logs in, and learns whether it has to prove who it is; only then it may ask for anything. Of the ways to
prove that, tokens (``ztn``) and the name of a user (``unix``) are known here.
"""
