"""WebDAV's quota: how much of a folder is used, and how much may come, as the storage itself tells (:rfc:`4331`)."""
