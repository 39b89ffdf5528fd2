"""What CMS' Site Support Team publishes of sites: whether they are usable, their states and who overrode them, their readiness.

The forms are those that CMS' own tools write and read: https://github.com/CMSCompOps/MonitoringScripts.
"""
