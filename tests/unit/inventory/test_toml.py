from __future__ import annotations

import pytest

from gridmask.domain.element import ACCESS, Element, ElementKey, ElementType, TypeRegistry
from gridmask.domain.errors import InvalidConfiguration
from gridmask.inventory.publication import Publication
from gridmask.inventory.toml import read

SITE = '[[site]]\nname = "A"\n'
NESTED = '[[site.resource]]\nname = "x"\n'
APART = '[[resource]]\nname = "x"\ntype = "FTS"\n'


def published(text: str) -> Publication:
    return read(text.encode(), "inventory.toml")


def resource(text: str) -> Element:
    (element,) = (e for e in published(text).elements.values() if e.key.family != "Site")
    return element


def refusal(text: str) -> str:
    with pytest.raises(InvalidConfiguration) as caught:
        published(text)
    return str(caught.value)


def test_an_empty_file_publishes_nothing() -> None:
    assert published("") == Publication({})


def test_a_site_with_all_that_it_can_say() -> None:
    text = 'country = "Chile"\ndescription = "A  lab"\ntags = ["t2"]\noffered = ["CMS"]\nin_service = false'
    (site,) = published(SITE + text).elements.values()
    assert site == Element(
        ElementKey("Site", "Site", "A"),
        site="A",
        offered=frozenset({"cms"}),
        in_service=False,
        category="site",
        tags=frozenset({"t2"}),
        facts={"description": "A lab", "country": "Chile"},
        source="inventory.toml",
    )


def test_a_resource_with_all_that_it_can_say() -> None:
    text = 'type = "ComputingElement"\nhosts = ["CE.example.org"]\naliases = ["old"]\ntags = ["big"]\noffered = ["cms"]\n'
    assert resource(SITE + NESTED + text + 'in_service = false\ndescription = "The CE"') == Element(
        ElementKey("Resource", "ComputingElement", "x"),
        site="A",
        offered=frozenset({"cms"}),
        in_service=False,
        category="computing",
        hosts=("ce.example.org",),
        aliases=("old",),
        tags=frozenset({"big"}),
        facts={"description": "The CE"},
        source="inventory.toml",
    )


def test_a_resource_apart_from_its_site_is_the_same() -> None:
    assert resource(SITE + APART + 'site = "A"') == resource(SITE + NESTED + 'type = "FTS"')


def test_several_types_are_several_elements() -> None:
    found = published(SITE + NESTED + 'types = ["StorageElement", "FTS"]')
    assert [key.type for key in found.elements] == ["Site", "StorageElement", "FTS"]


def test_a_declared_type_comes_along_and_can_be_used() -> None:
    found = published(f'[type."My T"]\ncategory = "storage"\nstatus_types = ["ReadAccess"]\n{SITE}{NESTED}type = "My T"')
    assert found.types == (ElementType("My T", category="storage", status_types=("ReadAccess",)),)
    assert found.elements[ElementKey("Resource", "My T", "x")].category == "storage"


def test_a_declared_type_may_be_of_nodes() -> None:
    assert resource(f'[type.Pool]\nfamily = "Node"\n{SITE}{NESTED}type = "Pool"').key == ElementKey("Node", "Pool", "x")


def test_the_installations_types_can_be_used() -> None:
    types = TypeRegistry().with_types(ElementType("Tape", category="storage", status_types=ACCESS))
    found = read(f'{SITE}{NESTED}type = "Tape"'.encode(), "f", types)
    assert found.elements[ElementKey("Resource", "Tape", "x")].category == "storage"
    assert found.types == ()


def test_a_resource_follows_its_site_in_whom_it_is_offered_to_unless_it_says() -> None:
    site = f'{SITE}offered = ["cms"]\n{NESTED}type = "FTS"\n'
    assert resource(site).offered == {"cms"}
    assert resource(f'{site}offered = ["ligo"]').offered == {"ligo"}
    assert resource(f"{site}offered = []").offered == frozenset()


def test_a_site_out_of_service_takes_its_resources_along() -> None:
    assert not resource(f'{SITE}in_service = false\n{NESTED}type = "FTS"').in_service


def test_all_vos_that_are_named_are_collected() -> None:
    assert published(f'{SITE}offered = ["CMS"]\n{NESTED}type = "FTS"\noffered = ["LIGO"]').vos == {"cms", "ligo"}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[[site]]\n", "site[0].name: is missing"),
        (SITE + 'ofered = ["cms"]', "site[0].ofered: there is no such key; did you mean 'offered'?"),
        (SITE + "hosts = []", "site[0].hosts: there is no such key"),
        (
            SITE + SITE + NESTED + 'type = "FTS"\nhots = []',
            "site[1].resource[0].hots: there is no such key; did you mean 'hosts'?",
        ),
        (SITE + NESTED + 'type = "FTS"\nsite = "A"', "site[0].resource[0].site: there is no such key"),
        ("sites = 1", "sites: there is no such key; did you mean 'site'?"),
        ('[site]\nname = "A"', "site: there can be several: write its name in [[double brackets]]"),
        (SITE + 'offered = "cms"', "site[0].offered: must be a list in [brackets] (found 'cms')"),
        (SITE + 'offered = ["c m s"]', "site[0].offered[0]: must be names of VOs: 'c m s' cannot be"),
        (SITE + 'offered = ["cms", "all"]', "site[0].offered[1]: must be names of VOs, and 'all' is none: leave 'offered' out"),
        (SITE + 'in_service = "yes"', "site[0].in_service: input should be a valid boolean (found 'yes')"),
        ('[[site]]\nname = ""', "site[0].name: must not be empty"),
        ('[[site]]\nname = " A"', "site[0].name: must not have white space at its ends"),
        ('[[site]]\nname = "A\\u0000"', "site[0].name: must be up to 255 printable characters"),
        (f'[[site]]\nname = "{"A" * 256}"', "site[0].name: must be up to 255 printable characters"),
        (SITE + f'description = "{"A" * 16_001}"', "site[0].description: must be up to 16,000 characters"),
        (SITE + NESTED + 'type = "FTS"\nhosts = ["https://x"]', "site[0].resource[0].hosts[0]: must be host names"),
        (SITE + SITE, "site[1]: Site A is in the file already, as site[0]"),
        (SITE + NESTED, "site[0].resource[0]: must have either 'type', for one service, or 'types'"),
        (SITE + NESTED + 'type = "FTS"\ntypes = ["FTS"]', "site[0].resource[0]: must have either"),
        (
            SITE + NESTED + 'type = "Catlog"',
            "site[0].resource[0].type: resources have no type 'Catlog'; did you mean 'Catalog'?",
        ),
        (SITE + NESTED + 'types = ["FTS", "Site"]', "site[0].resource[0].types[1]: resources have no type 'Site'"),
        (SITE + NESTED + 'types = ["FTS", "FTS"]', "site[0].resource[0]: FTS x is in the file already, as site[0].resource[0]"),
        (
            SITE + NESTED + 'type = "FTS"\n' + APART + 'site = "A"',
            "resource[0]: FTS x is in the file already, as site[0].resource[0]",
        ),
        (APART, "resource[0].site: is missing"),
        (SITE + APART + 'site = "a"', "resource[0].site: the file has no site 'a'; did you mean 'A'?"),
        ('[type."My T"]\ncategory = "Storage"', "type.My T.category: input should be 'computing', 'storage'"),
        ('[type."My T"]\ncategorie = "x"', "type.My T.categorie: there is no such key; did you mean 'category'?"),
        ('[type."My T"]\nfamily = "Site"', "type.My T.family: input should be 'Resource' or 'Node' (found 'Site')"),
        ("[type.T]\nstatus_types = []", "type.T.status_types: must name at least one, and none twice"),
        ('[type.T]\nstatus_types = ["a", "a"]', "type.T.status_types: must name at least one, and none twice"),
        (f"[type.{'T' * 65}]", "must be up to 64 characters"),
        ("[type.Site]", "type.Site: is built in and cannot be declared otherwise"),
        ("[[site]\n", "(at line 1, column 7)"),
        ("a = " + "[" * 3000, "recursion"),
        ("a = " + "9" * 5000, "4300 digits"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(text: str, error: str) -> None:
    told = refusal(text)
    assert told.startswith("inventory.toml")
    assert error in told


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidConfiguration, match="UTF-8"):
        read(b"\xff\xfe", "inventory.toml")


def test_all_that_is_wrong_with_the_tables_is_told_at_once() -> None:
    told = refusal(f'{SITE}tag = ["x"]\n[[site]]\nin_service = 1')
    assert all(place in told for place in ("site[0].tag", "site[1].name", "site[1].in_service"))
