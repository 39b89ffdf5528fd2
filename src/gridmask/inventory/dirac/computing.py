"""``CEs/<ce>`` of a site, and ``Queues/<queue>`` of each: computing elements and their queues.

Whom DIRAC lets in is decided at the queue: its own ``VO`` counts, else that of its CE, else that of the site. So a CE is
offered to all who may use one of its queues.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from gridmask.domain.element import Element
from gridmask.inventory.dirac.finds import TYPES, hosts_of, key_of, told

if TYPE_CHECKING:
    from gridmask.dirac_cfg.tree import Section
    from gridmask.inventory.dirac.finds import Finds

HTCONDOR = frozenset({"org.opensciencegrid.htcondorce"})
ARC = frozenset({"arc-ce"})


def services_of(ce_type: str) -> frozenset[str]:
    """What registries call the service of a CE of this type; empty where they have no one name for it."""
    folded = ce_type.casefold()
    if folded == "htcondorce":
        return HTCONDOR
    return ARC if folded.startswith(("arex", "arc")) else frozenset()


def read_computing(site: Section, name: str, finds: Finds) -> None:
    """Take the CEs of the site called ``name``, and their queues."""
    for ce_name, section in site.section("CEs"):
        ce = _Ce(section, ce_name, name, site, finds)
        finds.take(section, key_of("ComputingElement", ce_name), ce.element)
        for queue_name, queue in section.section("Queues"):
            finds.take(queue, key_of("Queue", f"{queue_name}@{ce_name}"), partial(ce.queue, queue, queue_name))


@dataclass(frozen=True, slots=True)
class _Ce:
    """The section of a CE, and where it stands."""

    section: Section
    name: str
    site_name: str
    site: Section
    finds: Finds

    def element(self) -> Element:
        queues = self.section.section("Queues").sections.values()
        return Element(
            key_of("ComputingElement", self.name),
            site=self.site_name,
            offered=self._offered(),
            category=TYPES.get("ComputingElement").category,
            hosts=self._hosts(),
            services=self._services(),
            tags=frozenset(self.section.list("Tag")),
            facts=told(
                ce_type=self.section.value("CEType"),
                architecture=self.section.value("architecture"),
                os=self.section.value("OS"),
                queues=len(queues),
            ),
            source=self.finds.source,
        )

    def queue(self, section: Section, name: str) -> Element:
        return Element(
            key_of("Queue", f"{name}@{self.name}"),
            site=self.site_name,
            offered=self.finds.offered(section, self.section, self.site),
            category=TYPES.get("Queue").category,
            hosts=self._hosts(),  # the same host, the same service: what is announced about the CE concerns its queues
            services=self._services(),
            tags=frozenset((*self.section.list("Tag"), *section.list("Tag"))),
            facts=told(
                ce=self.name,
                ce_type=self.section.value("CEType"),
                queue=section.value("CEQueueName") or name,
                max_cpu_time=section.value("maxCPUTime"),
                processors=section.value("NumberOfProcessors"),
            ),
            source=self.finds.source,
        )

    def _offered(self) -> frozenset[str]:
        own = self.finds.offered(self.section, self.site)
        narrower = [self.finds.vos_called(queue.list("VO")) for _, queue in self.section.section("Queues")]
        if not own and not (narrower and all(narrower)):
            return frozenset()
        return own.union(*narrower)

    def _hosts(self) -> tuple[str, ...]:
        return hosts_of((self.name, *self.section.list("Host"), *self.section.list("SSHHost")))

    def _services(self) -> frozenset[str]:
        return services_of(self.section.value("CEType"))
