from __future__ import annotations

import asyncio
import hmac
import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from structlog.testing import capture_logs

from gridmask.access.bearer import Bearers, Issuer
from gridmask.access.granting import GrantRule
from gridmask.access.keys import FRESH_FOR, KEPT_FOR, NOT_SOONER, KeysUnavailable
from gridmask.access.signed import LEEWAY, LONGEST
from gridmask.domain.errors import Unauthenticated
from gridmask.domain.rights import Grant, Role
from gridmask.domain.vo import VoRegistry
from tests.issuer import EC, ED, OTHER, RSA, URL, Signer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from joserfc.jwk import Key
    from starlette.types import Receive, Scope, Send

NOON = datetime(2026, 8, 21, 12, tzinfo=UTC)
OPS = GrantRule(Role.OPERATOR, "cms", {"wlcg.groups": ("/cms/ops",)})


class Stage:
    """Somebody who checks tokens of one issuer, and a clock that can be moved."""

    def __init__(self, *audiences: str, signer: Signer | None = None) -> None:
        self.now = NOON
        self.signer = signer or Signer()
        self.client = self.signer.client(lambda: self.now)
        issuer = Issuer("iam", URL, frozenset(audiences), "sub", (OPS,))
        self.bearers = Bearers([issuer], self.client, lambda: self.now, self.vos)

    async def vos(self) -> VoRegistry:
        return VoRegistry(frozenset({"cms"}))

    def token(self, key: Key = EC, header: dict[str, Any] | None = None, **claims: Any) -> str:  # noqa: ANN401
        return self.signer.token(self.now, key, header, **claims)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    made = Stage()
    async with made.client:
        yield made


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.mark.parametrize("key", [EC, RSA, ED])
async def test_a_token_tells_who_somebody_is_and_what_that_grants(stage: Stage, key: Key) -> None:
    identity = await stage.bearers.identify(stage.token(key, None, **{"wlcg.groups": ["/cms/ops"]}))
    assert (identity.name, identity.issuer) == ("1234@iam", URL)
    assert identity.grants == {Grant(Role.OPERATOR, "cms")}


@pytest.mark.parametrize(
    ("claims", "problem"),
    [
        ({"exp": int(NOON.timestamp()) - LEEWAY - 1}, "expired token"),
        ({"exp": None}, "missing claim"),
        ({"exp": "tomorrow"}, "invalid claim"),
        ({"nbf": int(NOON.timestamp()) + LEEWAY + 1}, "invalid claim"),
        ({"iss": "https://elsewhere.example.org/"}, "Tokens of the issuer .* are not accepted"),
        ({"iss": URL.rstrip("/")}, "Tokens of the issuer .* are not accepted"),
        ({"iss": None}, "Tokens of the issuer None are not accepted"),
        ({"iss": [URL]}, "Tokens of the issuer .* are not accepted"),
        ({"sub": None}, "names nobody"),
        ({"sub": ""}, "names nobody"),
        ({"sub": 7}, "invalid claim|names nobody"),
        ({"sub": "two\nlines"}, "names nobody"),
        ({"sub": "x" * 200}, "names nobody"),
        ({"aud": "another"}, "The token is for 'another'"),
    ],
)
async def test_a_token_that_says_the_wrong_thing_proves_nothing(stage: Stage, claims: dict[str, Any], problem: str) -> None:
    with pytest.raises(Unauthenticated, match=problem):
        await stage.bearers.identify(stage.token(**claims))


async def test_clocks_may_be_slightly_wrong(stage: Stage) -> None:
    seconds = int(NOON.timestamp())
    await stage.bearers.identify(stage.token(exp=seconds - LEEWAY + 2, nbf=seconds + LEEWAY - 2))


@pytest.mark.parametrize(("aud", "counts"), [("gridmask", True), (["x", "gridmask"], True), ("gridmas", False), (None, False)])
async def test_where_there_is_an_audience_a_token_has_to_name_it(aud: object, counts: bool) -> None:  # noqa: FBT001
    stage = Stage("gridmask")
    async with stage.client:
        if counts:
            await stage.bearers.identify(stage.token(aud=aud))
        else:
            with pytest.raises(Unauthenticated, match="claim"):
                await stage.bearers.identify(stage.token(aud=aud))


async def test_a_token_that_nobody_signed_proves_nothing(stage: Stage) -> None:
    _, claims, signature = stage.token().split(".")
    for header in ({"alg": "none"}, {"alg": "None"}, {"alg": "HS256"}, {"alg": ["ES256"]}, {}):
        told = _encoded(json.dumps(header).encode())
        for end in ("", signature):
            with pytest.raises(Unauthenticated, match="are not accepted"):
                await stage.bearers.identify(f"{told}.{claims}.{end}")


async def test_a_public_key_is_no_secret_to_sign_with(stage: Stage) -> None:
    told = ({"alg": "HS256", "kid": "rsa"}, {"iss": URL, "sub": "1", "exp": 2**33})
    signed = ".".join(_encoded(json.dumps(part).encode()) for part in told)
    signature = hmac.digest(RSA.as_pem(private=False), signed.encode(), "sha256")
    with pytest.raises(Unauthenticated, match="signed with 'HS256' are not accepted"):
        await stage.bearers.identify(f"{signed}.{_encoded(signature)}")


async def test_the_algorithm_has_to_suit_the_key(stage: Stage) -> None:
    confused = stage.token(OTHER, {"kid": "rsa"})
    with pytest.raises(Unauthenticated):
        await stage.bearers.identify(confused)


async def test_what_another_key_signed_in_the_name_of_the_issuers_proves_nothing(stage: Stage) -> None:
    with pytest.raises(Unauthenticated, match="bad signature"):
        await stage.bearers.identify(stage.token(OTHER, {"kid": "ec"}))


async def test_a_key_that_a_token_brings_along_is_not_believed(stage: Stage) -> None:
    brought = {"kid": "other", "jwk": OTHER.as_dict(private=False), "jku": "https://evil.example.org/jwks"}
    with pytest.raises(Unauthenticated, match="publishes no key called 'other'"):
        await stage.bearers.identify(stage.token(OTHER, brought))


async def test_a_changed_word_breaks_the_signature(stage: Stage) -> None:
    header, _, signature = stage.token().split(".")
    claims = stage.token(OTHER, None, **{"wlcg.groups": ["/cms/ops"]}).split(".")[1]
    with pytest.raises(Unauthenticated, match="bad signature"):
        await stage.bearers.identify(f"{header}.{claims}.{signature}")


@pytest.mark.parametrize("token", ["", "x", "..", "a.b.c", "e30.e30.", "W10.W10.x", "x" * LONGEST + "..", "[" * 9000 + ".a.b"])
async def test_what_is_no_token_is_told_to_be_none(stage: Stage, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await stage.bearers.identify(token)


async def test_new_keys_are_found_when_a_token_names_one(stage: Stage) -> None:
    await stage.bearers.identify(stage.token())
    stage.signer.keys = [OTHER]
    stage.now += NOT_SOONER
    await stage.bearers.identify(stage.token(OTHER))


async def test_keys_that_nobody_publishes_do_not_have_the_issuer_asked_over_and_over(stage: Stage) -> None:
    for number in range(20):
        with pytest.raises(Unauthenticated, match="publishes no key"):
            await stage.bearers.identify(stage.token(OTHER, {"kid": f"invented-{number}"}))
    assert stage.signer.asked == 1


async def test_a_key_that_was_withdrawn_stops_counting(stage: Stage) -> None:
    await stage.bearers.identify(stage.token())
    stage.signer.keys = [OTHER]
    stage.now += FRESH_FOR + timedelta(seconds=1)
    with pytest.raises(Unauthenticated, match="publishes no key called 'ec'"):
        await stage.bearers.identify(stage.token())


async def test_while_the_issuer_is_away_its_keys_count_for_a_day(stage: Stage) -> None:
    await stage.bearers.identify(stage.token())
    stage.signer.away = True
    stage.now += KEPT_FOR - timedelta(minutes=1)
    await stage.bearers.identify(stage.token())
    stage.now += timedelta(minutes=2)
    with pytest.raises(KeysUnavailable, match="does not answer as it should"):
        await stage.bearers.identify(stage.token())


@pytest.mark.parametrize(
    "about", [{"issuer": "https://evil.example.org/"}, {"jwks_uri": "http://iam.example.org/jwks"}, {"jwks_uri": None}]
)
async def test_an_issuer_that_says_odd_things_of_itself_is_not_believed(stage: Stage, about: dict[str, Any]) -> None:
    stage.signer.about = about
    with pytest.raises(KeysUnavailable):
        await stage.bearers.identify(stage.token())


async def test_a_token_that_was_checked_is_not_checked_again_but_ends_when_it_says(stage: Stage) -> None:
    token = stage.token(exp=int(NOON.timestamp()) + 30)
    first = await stage.bearers.identify(token)
    assert await stage.bearers.identify(token) is first
    stage.now += timedelta(seconds=31 + LEEWAY)
    with pytest.raises(Unauthenticated, match="expired"):
        await stage.bearers.identify(token)


async def test_no_key_is_needed_by_name_where_there_is_one_alone(stage: Stage) -> None:
    stage.signer.keys = [EC]
    await stage.bearers.identify(stage.token(header={"kid": None}))


class Slow(Signer):
    """An issuer that takes its time, once ``answers`` is cleared."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = asyncio.Event()
        self.answers.set()

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.answers.wait()
        await super().app(scope, receive, send)


async def test_while_an_issuer_takes_its_time_nobody_waits_whose_key_is_known() -> None:
    stage = Stage(signer=Slow())
    assert isinstance(stage.signer, Slow)
    async with stage.client:
        await stage.bearers.identify(stage.token())
        stage.now += FRESH_FOR + timedelta(seconds=1)
        stage.signer.answers.clear()
        first = asyncio.create_task(stage.bearers.identify(stage.token(sub="1")))
        await asyncio.sleep(0)
        assert (await asyncio.wait_for(stage.bearers.identify(stage.token(sub="2")), 1)).name == "2@iam"
        stage.signer.answers.set()
        assert (await first).name == "1@iam"


async def test_those_who_waited_for_an_issuer_in_vain_do_not_ask_it_one_after_the_other() -> None:
    stage = Stage(signer=Slow())
    assert isinstance(stage.signer, Slow)
    async with stage.client:
        stage.signer.answers.clear()
        stage.signer.about = {"jwks_uri": None}
        waiting = [asyncio.create_task(stage.bearers.identify(stage.token(sub=str(number)))) for number in range(5)]
        await asyncio.sleep(0)
        stage.now += 2 * NOT_SOONER
        with capture_logs() as told:
            stage.signer.answers.set()
            refused = await asyncio.gather(*waiting, return_exceptions=True)
        assert {type(error) for error in refused} == {KeysUnavailable}
        assert len(told) == 1


# --- Tricks with headers


@pytest.mark.parametrize(
    "header",
    [
        {"jku": "https://evil.example.org/jwks"},
        {"x5u": "https://evil.example.org/cert.pem"},
        {"x5c": ["MIIB"]},
        {"jwk": OTHER.as_dict(private=False)},
    ],
)
async def test_no_key_is_fetched_or_taken_from_where_a_token_says(stage: Stage, header: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        await stage.bearers.identify(stage.token(OTHER, {"kid": "ec", **header}))
    # what it says besides changes nothing for a key that is the issuer's
    await stage.bearers.identify(stage.token(header=header))
    assert stage.signer.asked == 1


KIDS = ["../../../dev/null", "/etc/passwd", "ec' OR '1'='1", "ec\x00", "", "https://evil.example.org/key", "EC"]


@pytest.mark.parametrize("kid", KIDS)
async def test_the_name_of_a_key_is_a_name_and_no_path(stage: Stage, kid: str) -> None:
    with pytest.raises(Unauthenticated, match="publishes no key"):
        await stage.bearers.identify(stage.token(OTHER, {"kid": kid}))


@pytest.mark.parametrize("kid", [7, ["ec"], {"ec": 1}, None, True])
async def test_the_name_of_a_key_is_text(stage: Stage, kid: object) -> None:
    parts = stage.token().split(".")
    told = _encoded(json.dumps({"alg": "ES256", "kid": kid}).encode())
    with pytest.raises(Unauthenticated):
        await stage.bearers.identify(".".join((told, *parts[1:])))


UNHEARD_OF: list[dict[str, Any]] = [{"crit": ["exp"], "exp": 1}, {"crit": ["b64"], "b64": False}, {"crit": []}, {"crit": "exp"}]


@pytest.mark.parametrize("header", [*UNHEARD_OF, {"b64": False}, {"zip": "DEF"}])
async def test_what_a_token_has_to_be_understood_by_has_to_be_understood(stage: Stage, header: dict[str, Any]) -> None:
    told = _encoded(json.dumps({"alg": "ES256", "kid": "ec", **header}).encode())
    claims = _encoded(json.dumps({"iss": URL, "sub": "1234", "exp": int(NOON.timestamp()) + 60}).encode())
    signature = _signed(f"{told}.{claims}".encode())
    if header.keys() == {"zip"}:  # means nothing for a signature
        assert (await stage.bearers.identify(f"{told}.{claims}.{signature}")).name == "1234@iam"
        return
    with pytest.raises(Unauthenticated):
        await stage.bearers.identify(f"{told}.{claims}.{signature}")


def _signed(text: bytes) -> str:
    """Signed by the issuer, whatever it is."""
    assert EC.private_key is not None
    r, s = decode_dss_signature(EC.private_key.sign(text, ec.ECDSA(hashes.SHA256())))
    return _encoded(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
