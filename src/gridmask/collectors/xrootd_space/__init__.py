"""XRootD's space: how much of it is used and may come where a path is, as its server tells by the root protocol.

The form is that of the protocol's ``kXR_Qspace``, as XRootD's own storage, EOS and others answer it.
"""
