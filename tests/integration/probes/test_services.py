"""Each kind of probe at a real server of its kind: up, asked for what is not there, and stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import where_installed
from tests.probing import found, login
from tests.services import PASSWORD, mosquitto, redis, slapd, xrootd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.postgresql import PostgreSQL
    from tests.servers import MariaDB
    from tests.services import Service


@pytest.fixture
def a_redis() -> Iterator[Service]:
    with where_installed(), redis() as service:
        yield service


@pytest.fixture
def a_mosquitto() -> Iterator[Service]:
    with where_installed(), mosquitto() as service:
        yield service


@pytest.fixture
def an_openldap() -> Iterator[Service]:
    with where_installed(), slapd() as service:
        yield service


@pytest.fixture
def an_xrootd() -> Iterator[Service]:
    with where_installed(), xrootd() as service:
        yield service


@pytest.fixture
def an_xrootd_with_webdav() -> Iterator[Service]:
    with where_installed(), xrootd("xrd.protocol XrdHttp libXrdHttp.so") as service:
        yield service


async def test_redis(a_redis: Service, password: Path, tmp_path: Path) -> None:
    url, wrong = f"redis://127.0.0.1:{a_redis.port}", tmp_path / "wrong"
    wrong.write_text("wrong")
    assert (await found("redis", url, credentials=login("", password))).result == "OK"
    assert (await found("redis", url)).result == "UNKNOWN"
    assert "refuses AUTH: WRONGPASS" in (await found("redis", url, credentials=login("", wrong))).summary
    a_redis.stop()
    gone = await found("redis", url, credentials=login("", password))
    assert (gone.result, gone.summary) == ("CRITICAL", f"connecting to 127.0.0.1 port {a_redis.port}: connection refused")


async def test_mqtt(a_mosquitto: Service, password: Path) -> None:
    url = f"mqtt://127.0.0.1:{a_mosquitto.port}"
    assert (await found("mqtt", url, credentials=login("probe", password))).result == "OK"
    assert (await found("mqtt", url)).result == "UNKNOWN"
    refused = await found("mqtt", url, credentials=login("stranger", password))
    assert (refused.result, refused.summary) == ("CRITICAL", "it does not let us in")
    a_mosquitto.stop()
    assert (await found("mqtt", url, credentials=login("probe", password))).result == "CRITICAL"


async def test_ldap(an_openldap: Service, password: Path) -> None:
    url, units = f"ldap://127.0.0.1:{an_openldap.port}", "(objectClass=organizationalUnit)"
    good = await found("ldap", url, at_least=2, filter=units)
    assert (good.result, good.metrics["entries"]) == ("OK", 2)
    assert (await found("ldap", url, credentials=login("cn=admin,o=glue", password))).result == "OK"
    few = await found("ldap", url, at_least=3, filter=units)
    assert few.summary == "it has 2 entries of (objectClass=organizationalUnit) below o=glue; there should be 3"
    assert (await found("ldap", f"{url}/o=other")).summary == "there is no o=other"
    refused = await found("ldap", url, credentials=login("cn=nobody,o=glue", password))
    assert (refused.result, refused.summary) == ("CRITICAL", "it does not let us in: no reason given (code 49)")
    an_openldap.stop()
    assert (await found("ldap", url)).result == "CRITICAL"


async def test_xrootd(an_xrootd: Service) -> None:
    url = f"root://127.0.0.1:{an_xrootd.port}"
    assert (await found("xrootd", url)).summary == "it answers a ping"
    assert (await found("xrootd", f"{url}//data/file")).summary == "it knows /data/file"
    lost = await found("xrootd", f"{url}//data/none")
    assert (lost.result, "no such file" in lost.summary) == ("CRITICAL", True)
    assert (await found("xrootd", url.replace("root", "roots"))).summary == "it does not speak TLS"
    an_xrootd.stop()
    assert (await found("xrootd", url)).result == "CRITICAL"


async def test_xrootd_that_wants_to_know_who_asks() -> None:
    with where_installed(), xrootd("xrootd.seclib libXrdSec.so", "sec.protocol unix") as service:
        url = f"root://127.0.0.1:{service.port}"
        assert (await found("xrootd", url)).summary == "it takes logins, and wants to know who asks (unix)"
        assert (await found("xrootd", f"{url}//data/file")).result == "UNKNOWN"
        assert (await found("xrootd", f"{url}//data/file", credentials=login("probe"))).result == "OK"


async def test_webdav(an_xrootd_with_webdav: Service) -> None:
    url = f"http://127.0.0.1:{an_xrootd_with_webdav.port}"
    assert (await found("webdav", f"{url}/data/")).summary == "it answers PROPFIND with 207 Multi-Status"
    assert (await found("webdav", f"{url}/data/none")).result == "CRITICAL"
    an_xrootd_with_webdav.stop()
    assert (await found("webdav", f"{url}/data/")).result == "CRITICAL"


@pytest.mark.mariadb
async def test_mysql(mariadb: MariaDB, password: Path) -> None:
    mariadb.execute(f"CREATE OR REPLACE USER probe@127.0.0.1 IDENTIFIED BY '{PASSWORD}'")
    url = f"mysql://127.0.0.1:{mariadb.port}"
    assert (await found("mysql", url, credentials=login("probe", password))).result == "OK"
    assert (await found("mysql", url)).result == "UNKNOWN"
    refused = await found("mysql", url, credentials=login("probe"))
    assert (refused.result, "Access denied" in refused.summary) == ("CRITICAL", True)
    assert (await found("mysql", "mysql://127.0.0.1:1", credentials=login("probe"))).result == "CRITICAL"


@pytest.mark.postgresql
async def test_postgresql(postgresql: PostgreSQL) -> None:
    url = f"postgresql://127.0.0.1:{postgresql.port}"
    assert (await found("postgresql", f"{url}/postgres", credentials=login("postgres"))).result == "OK"
    assert (await found("postgresql", f"{url}/postgres")).result == "UNKNOWN"
    refused = await found("postgresql", f"{url}/none", credentials=login("postgres"))
    assert (refused.result, 'database "none" does not exist' in refused.summary) == ("CRITICAL", True)
    assert (await found("postgresql", "postgresql://127.0.0.1:1", credentials=login("postgres"))).result == "CRITICAL"
