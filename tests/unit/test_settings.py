from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from gridmask.domain.element import ElementType
from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.vo import VoRegistry
from gridmask.settings import DATABASE_VARIABLE, Settings, load, locate

SOURCE = '[[source]]\nname = "osg"\nkind = "osg-topology"\nurl = "https://example.org/topology"\n'
DOWNTIMES = '[[source]]\nname = "downs"\nkind = "osg-downtimes"\nurl = "https://example.org/downtimes"\n'

CERTIFICATE = '[access]\nproxies = ["127.0.0.1"]\n[certificate]\n'
TLS = '[server]\ncertificate = "host.pem"\nkey = "host.key"\nclient_ca = "certificates"\n'
WHEN = '[[certificate.grant]]\nrole = "operator"\nvo = "cms"\nwhen = { %s = "x" }\n'
ISSUER = '[[issuer]]\nname = "x509"\nurl = "https://iam.example.org"\n'


def written(folder: Path, text: str, environment: dict[str, str] | None = None) -> Settings:
    path = folder / "gridmask.toml"
    path.write_text(text)
    return load(path, environment or {})


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(InvalidConfiguration) as caught:
        written(folder, text)
    assert caught.value.place == str(folder / "gridmask.toml")
    return caught.value.problem


# --- What can be written


def test_an_installation_needs_no_settings() -> None:
    settings = load(None, {})
    assert (settings.server.host, settings.server.port, settings.source) == ("127.0.0.1", 8000, ())
    assert settings.database == "sqlite:///gridmask.db"


def test_an_empty_file_is_as_good_as_none(tmp_path: Path) -> None:
    assert written(tmp_path, "").server == load(None, {}).server


def test_what_only_its_kind_heeds_stands_beside_what_all_sources_have(tmp_path: Path) -> None:
    (source,) = written(tmp_path, SOURCE + 'every = "5m"\nvo_scopes = ["CMS"]\n').source
    assert (source.every, source.options) == (timedelta(minutes=5), {"vo_scopes": ["CMS"]})


def test_a_source_is_a_table_in_a_list(tmp_path: Path) -> None:
    text = SOURCE + DOWNTIMES + 'every = "5m"\nvalid_for = "1d"\ncovers = ["osg"]\nmax_takeout = 0.5\n'
    inventory, downtimes = written(tmp_path, text).source
    assert (inventory.every, inventory.covers) == (timedelta(minutes=10), frozenset())
    assert (downtimes.every, downtimes.valid_for) == (timedelta(minutes=5), timedelta(days=1))
    assert downtimes.covers == {"osg"}
    assert downtimes.max_takeout == 0.5


def test_vos_have_canonical_names_and_aliases(tmp_path: Path) -> None:
    settings = written(tmp_path, '[vo.CMS]\naliases = ["USCMS", "cms"]\n[vo.atlas]')
    registry = settings.vo_registry()
    assert registry.names == {"cms", "atlas"}
    assert {name: registry.resolve(name) for name in ("cms", "uscms", "Atlas")} == {
        "cms": "cms",
        "uscms": "cms",
        "Atlas": "atlas",
    }


def test_without_vos_there_is_an_empty_registry() -> None:
    assert load(None, {}).vo_registry() == VoRegistry()


def test_types_are_declared_beside_the_built_in_ones(tmp_path: Path) -> None:
    text = '[type."Tape Library"]\nfamily = "Node"\ncategory = "storage"\nstatus_types = ["Read", "Write"]'
    types = written(tmp_path, text).types()
    assert types.get("Tape Library") == ElementType("Tape Library", "Node", "storage", ("Read", "Write"))
    assert "StorageElement" in types.by_name


def test_a_source_is_asked_with_a_certificate_or_a_token(tmp_path: Path) -> None:
    text = SOURCE + 'certificate = "host.pem"\nkey = "/etc/host.key"\n' + DOWNTIMES + 'token_file = "secrets/token"\n'
    inventory, downtimes = written(tmp_path, text).source
    assert (inventory.certificate, inventory.key) == (tmp_path / "host.pem", Path("/etc/host.key"))
    assert downtimes.token_file == tmp_path / "secrets" / "token"


def test_a_key_without_a_certificate_is_refused(tmp_path: Path) -> None:
    assert "source[0].key: a key is of no use without a certificate" in refusal(tmp_path, SOURCE + 'key = "host.key"')


# --- Where things are


def test_certificate_authorities_are_beside_the_settings(tmp_path: Path) -> None:
    assert written(tmp_path, '[http]\nca_bundle = "certificates"').http.ca_bundle == tmp_path / "certificates"


def test_relative_paths_count_from_the_files_folder(tmp_path: Path) -> None:
    settings = written(
        tmp_path, 'database = "sqlite:///data/g.db"\npolicies = "policies"\n' + SOURCE.replace("https://example.org/", "")
    )
    assert settings.database == f"sqlite:///{tmp_path}/data/g.db"
    assert settings.policies == tmp_path / "policies"
    assert settings.source[0].url == (tmp_path / "topology").as_uri()


@pytest.mark.parametrize(
    "database", ["sqlite:////g.db", "mysql://g@db.example.org/g", "postgresql://g@db.example.org/g", "ephemeral"]
)
def test_what_is_not_relative_stays_as_it_is(tmp_path: Path, database: str) -> None:
    assert written(tmp_path, f'database = "{database}"').database == database


def test_a_url_is_no_path() -> None:
    assert locate("https://example.org/x", Path("/etc")) == "https://example.org/x"
    assert locate("../a b.xml", Path("/etc/gridmask")) == "file:///etc/a%20b.xml"


# --- What must not stand in a file


def test_the_environment_names_the_database(tmp_path: Path) -> None:
    environment = {DATABASE_VARIABLE: "mysql://g:hush@db.example.org/g"}
    assert written(tmp_path, 'database = "ephemeral"', environment).database == environment[DATABASE_VARIABLE]
    assert load(None, environment).database == environment[DATABASE_VARIABLE]


def test_an_empty_variable_is_none(tmp_path: Path) -> None:
    assert written(tmp_path, 'database = "ephemeral"', {DATABASE_VARIABLE: ""}).database == "ephemeral"


def test_the_environment_is_that_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATABASE_VARIABLE, "ephemeral")
    assert load(None).database == "ephemeral"


def test_secrets_are_in_no_representation(tmp_path: Path) -> None:
    hooks = '[[webhook]]\nname = "chat"\nurl = "https://example.org/hush"\n'
    settings = written(
        tmp_path, hooks + SOURCE.replace("https://", "https://me:hush@"), {DATABASE_VARIABLE: "mysql://g:hush@h/g"}
    )
    assert "chat" in repr(settings)
    assert "hush" not in repr(settings) + str(settings)


@pytest.mark.parametrize(
    "text",
    [
        'database = ["mysql://g:hush@h/g"]',
        '[[webhook]]\nname = "chat"\nurl = ["https://example.org/hush"]',
        'webhook = ["https://example.org/hush"]',
        'source = "https://me:hush@example.org"',
        '[[source]]\nurl = { password = "hush" }',
    ],
)
def test_secrets_are_in_no_error(tmp_path: Path, text: str) -> None:
    assert "hush" not in refusal(tmp_path, text)


# --- What cannot be


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x = ", "not TOML: "),
        ("[sever]", "sever: there is no such key; did you mean 'server'?"),
        ("[server]\nprt = 80", "server.prt: there is no such key; did you mean 'port'?"),
        ("[server]\nport = 65536", "server.port: input should be less than or equal to 65535 (found 65536)"),
        ("[server]\nport = -1", "server.port: input should be greater than or equal to 0 (found -1)"),
        ('[loop]\nsweep = "hourly"', "loop.sweep: 'hourly' is not a duration; write a number and one of s, m, h, d, w"),
        ("[loop]\nsweep = 60", "loop.sweep: 60 is not a duration; write a number and one of s, m, h, d, w"),
        ('[loop]\nsweep = "0s"', "loop.sweep: no time at all is too short (found '0s')"),
        ("[loop]\nbatch = 0", "loop.batch: input should be greater than or equal to 1 (found 0)"),
        ('[http]\ntimeout = "0s"', "http.timeout: no time at all is too short"),
        ("[http]\nattempts = 11", "http.attempts: input should be less than or equal to 10 (found 11)"),
        ("[[source]]", "source[0].name: is missing; source[0].kind: is missing; source[0].url: is missing"),
        (SOURCE + 'every = "0m"', "source[0].every: no time at all is too short"),
        (SOURCE + 'valid_for = "0m"', "source[0].valid_for: no time at all is too short"),
        (SOURCE + "max_takeout = 1.1", "source[0].max_takeout: input should be less than or equal to 1 (found 1.1)"),
        (SOURCE.replace('"osg"', '"o s g"'), "source[0].name: string should match pattern"),
        (SOURCE.replace('"osg"', '"manual"'), "source[0].name: 'manual' is what people declare themselves; take another name"),
        (SOURCE + SOURCE, "source: osg is declared more than once"),
        (SOURCE + DOWNTIMES + 'covers = ["OSG"]', "source: downs covers 'OSG', which is no source; did you mean 'osg'?"),
        (DOWNTIMES + 'covers = ["x"]', "source: downs covers 'x', which is no source; there are downs"),
        ("[vo.'c ms']", "vo: 'c ms' cannot be a VO's name"),
        ("[vo.cms]\naliases = ['?']", "vo: '?' cannot be a VO's name"),
        ("[vo.cms]\n[vo.CMS]", "vo: cms would name more than one VO"),
        ("[vo.cms]\naliases = ['x']\n[vo.atlas]\naliases = ['X']", "vo: x would name more than one VO"),
        ("[vo.cms]\naliases = ['atlas']\n[vo.atlas]", "vo: atlas would name more than one VO"),
        ("[vo.ALL]", "vo: 'all' stands for everyone and can name no VO"),
        ("[vo.cms]\naliases = ['all']", "vo: 'all' stands for everyone and can name no VO"),
        ("[vo.cms]\nalias = ['x']", "vo.cms.alias: there is no such key; did you mean 'aliases'?"),
        ("[type.X]\nfamily = 'Sit'", "type.X.family: input should be 'Site', 'Resource' or 'Node' (found 'Sit')"),
        ("[type.X]\nstatus_types = []", "type.X.status_types: should have something in it"),
        ("[[webhook]]\nname = 'a'", "webhook[0].url: is missing"),
        ("[limits]\nrate = inf", "limits.rate: input should be a finite number"),
        ("[limits]\nrate = 1e-9", "limits.rate: less than 0.001 in a second is next to nothing; 0 is no limit"),
        ("[limits]\nburst = 0", "limits.burst: input should be greater than or equal to 1 (found 0)"),
        (
            "[access]\norigins = ['https://x.example.org/']",
            "access.origins[0]: is no origin: a scheme and a host in lower case",
        ),
        (
            "[certificate]",
            "certificate: nobody checks certificates: set server.client_ca for that, or name the address of a proxy",
        ),
        ("[access]\n[certificate]", "certificate: nobody checks certificates: set server.client_ca for that"),
        (TLS + "[certificate]", "certificate: nobody checks certificates"),
        ("[server]\nclient_ca = 'x'", "server.client_ca: certificates are shown over TLS: that takes a server.certificate"),
        (CERTIFICATE + "voms = 'vomsdir'", "certificate: attributes of VOMS are looked at where the whole chain is seen"),
        (CERTIFICATE + WHEN % "voms_fqan", "certificate.grant: of a certificate, 'voms_fqan' is not known; there are subject"),
        (CERTIFICATE + "delegated = 'write'", "certificate.delegated: input should be 'refuse', 'read' or 'act'"),
        (CERTIFICATE + WHEN % "subjct", "certificate.grant: of a certificate, 'subjct' is not known; did you mean 'subject'?"),
        (
            CERTIFICATE + WHEN % "dirac_user",
            "certificate.grant: of a certificate, 'dirac_user' is not known; there are subject",
        ),
        (CERTIFICATE + ISSUER, "issuer: 'x509' ends the names of those whom certificates name; take another name"),
    ],
)
def test_a_mistake_is_told_with_its_key_and_what_is_allowed(tmp_path: Path, text: str, problem: str) -> None:
    assert refusal(tmp_path, text).startswith(problem)


def test_a_registry_is_found_from_where_the_settings_are(tmp_path: Path) -> None:
    settings = written(tmp_path, CERTIFICATE + 'registry = "dirac.cfg"\n' + WHEN % "dirac_group")
    assert settings.certificate is not None
    assert settings.certificate.registry == tmp_path / "dirac.cfg"


def test_certificates_may_be_shown_here_or_to_a_proxy_in_front(tmp_path: Path) -> None:
    voms = "[access]\n[certificate]\nvoms = 'vomsdir'\n"
    settings = written(tmp_path, TLS + voms + WHEN % "voms_fqan")
    server, certificate = settings.server, settings.certificate
    assert certificate is not None
    assert (server.certificate, server.key, server.client_ca) == tuple(
        tmp_path / name for name in ("host.pem", "host.key", "certificates")
    )
    assert (certificate.voms, server.client_crls) == (tmp_path / "vomsdir", True)


@pytest.mark.parametrize(("name", "problem"), [("nowhere.toml", "No such file"), (".", "Is a directory")])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str, problem: str) -> None:
    with pytest.raises(InvalidConfiguration, match=problem):
        load(tmp_path / name, {})
