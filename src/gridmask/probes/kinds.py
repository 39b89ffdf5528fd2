"""The kinds of probes by the name that the settings call them by."""

from __future__ import annotations

from collections.abc import Mapping

from gridmask.probes.amqp import Amqp
from gridmask.probes.arc_ce import ArcCe
from gridmask.probes.catalog import Catalog
from gridmask.probes.conducting import Kind
from gridmask.probes.dns import Dns
from gridmask.probes.fts3 import Fts3
from gridmask.probes.htcondor_ce import HtcondorCe
from gridmask.probes.http import Http
from gridmask.probes.ldap import Ldap
from gridmask.probes.mqtt import Mqtt
from gridmask.probes.perfsonar import Perfsonar
from gridmask.probes.redis import Redis
from gridmask.probes.sql import Mysql, Postgresql
from gridmask.probes.stomp import Stomp
from gridmask.probes.tcp import Tcp
from gridmask.probes.tls import Tls
from gridmask.probes.webdav import Webdav
from gridmask.probes.xrootd import Xrootd

KINDS: Mapping[str, type[Kind]] = {
    "tcp": Tcp,
    "tls": Tls,
    "http": Http,
    "webdav": Webdav,
    "xrootd": Xrootd,
    "fts3": Fts3,
    "htcondor-ce": HtcondorCe,
    "arc-ce": ArcCe,
    "catalog": Catalog,
    "amqp": Amqp,
    "stomp": Stomp,
    "mqtt": Mqtt,
    "redis": Redis,
    "mysql": Mysql,
    "postgresql": Postgresql,
    "ldap": Ldap,
    "dns": Dns,
    "perfsonar": Perfsonar,
}
"""Each is a dataclass whose fields are its options."""
