"""Small documents such as OSG Topology answers with, made up."""

from __future__ import annotations

from xml.sax.saxutils import escape


def summary(*groups: str) -> bytes:
    """A ``ResourceSummary`` document."""
    return f'<?xml version="1.0" encoding="utf-8"?>\n<ResourceSummary>{"".join(groups)}</ResourceSummary>'.encode()


def group(name: str, *resources: str, extra: str = "", **fields: str) -> str:
    """A resource group; ``fields`` are further elements of it by name."""
    inside = _fields({"GroupName": name, "Disable": "false"} | fields)
    return f"<ResourceGroup>{inside}{extra}<Resources>{''.join(resources)}</Resources></ResourceGroup>"


def resource(name: str, *services: str, extra: str = "", **fields: str) -> str:
    """A resource; a service is a name, or an element made by :func:`service`."""
    inside = _fields({"Name": name, "Active": "true", "Disable": "false"} | fields)
    made = "".join(s if s.startswith("<") else service(s) for s in services)
    return f"<Resource>{inside}<Services>{made}</Services>{extra}</Resource>"


def service(name: str, details: str = "") -> str:
    """A service of a resource."""
    return f"<Service><Name>{escape(name)}</Name><Details>{details}</Details></Service>"


def downtimes(*current: str, past: str = "", future: str = "", extra: str = "") -> bytes:
    """A ``Downtimes`` document."""
    sections = {"PastDowntimes": past, "CurrentDowntimes": "".join(current), "FutureDowntimes": future}
    inside = "".join(f"<{name}>{content}</{name}>" for name, content in sections.items())
    return f'<?xml version="1.0" encoding="utf-8"?>\n<Downtimes>{inside}{extra}</Downtimes>'.encode()


def downtime(identifier: str = "1", resource: str = "CE1", *services: str, **fields: str | None) -> str:
    """A downtime; ``fields`` replace or, where None, leave out elements of it by name."""
    told = {
        "ID": identifier,
        "ResourceName": resource,
        "StartTime": "Aug 07, 2026 19:00 PM UTC",
        "EndTime": "Aug 08, 2026 05:30 AM UTC",
        "Class": "SCHEDULED",
        "Severity": "Outage",
        "CreatedTime": "Aug 01, 2026 12:00 PM UTC",
        "UpdateTime": "Not Available",
        "Description": "Power work",
    }
    made = "".join(service(name) for name in services or ("CE",))
    return f"<Downtime>{_fields(told | fields)}<Services>{made}</Services></Downtime>"


def _fields(fields: dict[str, str] | dict[str, str | None]) -> str:
    return "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields.items() if text is not None)
