"""Personal data and secrets are masked by their form; what only looks like them stays."""

import random

import pytest

from udfs.quality.masking import mask

ALL = ("email", "ip", "phone", "card", "iban", "secret")
PEM = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Write to jane.doe+x@mail.acme.co.uk.", "Write to [EMAIL]."),
        ("mailto:a_b@acme.io?subject=x", "mailto:[EMAIL]?subject=x"),
        ("from 93.184.216.34:80", "from [IP]:80"),
        ("call +49 30 1234567-8 or +1 (415) 555-2671", "call [PHONE] or [PHONE]"),
        ("call (415) 555-2671, 415-555-2671", "call [PHONE], [PHONE]"),
        ("Tel.: 030 / 123456 78", "Tel.: [PHONE]"),
        ("+1.415.555.2671, +1 415 555 2671", "[PHONE], [PHONE]"),
        ("+34 612 345 678 or +420.601.123.456", "[PHONE] or [PHONE]"),
        ("+45 33 12 34 56,5 people, +82 2 1234 5678 won", "[PHONE],5 people, [PHONE] won"),
        ("+352 123 456, +65.61234567, +4930123456", "[PHONE], [PHONE], [PHONE]"),
        ("Visa 4111 1111 1111 1111, Amex 378282246310005", "Visa [CARD], Amex [CARD]"),
        ("IBAN DE89 3704 0044 0532 0130 00 BIC COBADEFF", "IBAN [IBAN] BIC COBADEFF"),
        ("GB82WEST12345698765432.", "[IBAN]."),
        ("key=AKIAIOSFODNN7EXAMPLE", "key=[SECRET]"),
        (f"export TOKEN=ghp_{'a1B2' * 9}", "export TOKEN=[SECRET]"),
        ("OPENAI_API_KEY='sk-proj-Abc123Def456Ghi789Jkl'", "OPENAI_API_KEY='[SECRET]'"),
        (f"before\n{PEM}\nafter", "before\n[SECRET]\nafter"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N", "[SECRET]"),
    ],
)
def test_what_is_masked(text: str, masked: str) -> None:
    found, counts = mask(text, ALL)
    assert found == masked
    assert sum(counts.values()) == masked.count("[")
    assert mask(found, ALL) == (found, {})  # a masked text is left as it is


@pytest.mark.parametrize(
    "text",
    [
        "user@example.com, git@github.com:a/b.git, root@localhost, @decorator, numpy@1.26",
        "10.0.0.1, 192.168.1.7, 127.0.0.1, 300.1.1.1, version 1.2.3.4, 1.2.3.4.5, v8.8.8.8",
        "1999-2000 (1857-1917), 2016-02-01, ISBN 978-3-16-148410-0, 3.14159265358979, 1,234,567.89, 10/11/12",
        "x = +1000000; 5+12345678901; 0123456789; phi = 1.6180339887498948482",
        "4111 1111 1111 1112, 4242424242424242424242, 6.4111111111111111",
        "+1 000 000 000 dollars, +1.234.567 euros, +1 234 567 890, +1000000000, +500 000 000, +3 456 789 012",
        "+34 612 345 678 €, +250.300.400 tonnes, +420 601 123 456,50, +12 345 678 901 zł, +44 123 456 789 kWh",
        "+48.858844/2.294351, +48.85884430, +2.29435060, +48.858844 +12.294351, +10.1234567, +0049 30 1234567",
        "DE89 3704 0044 0532 0130 01 and AB12 3456 7890 1234 5678",
        "risk-averse-behaviour-of-all-the-people, sk-learn-contrib-is-a-package-name, task-a1b2c3d4e5f6a7b8c9d0e1f2",
        "-----BEGIN PUBLIC KEY-----\nMIIE\n-----END PUBLIC KEY-----",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert mask(text, ALL) == (text, {})


def test_only_the_kinds_asked_for_are_masked() -> None:
    text = "jane@acme.io from 93.184.216.34"
    assert mask(text, ("email",)) == ("[EMAIL] from 93.184.216.34", {"email": 1})
    assert mask(text, ()) == (text, {})


def test_card_numbers_are_told_by_their_check_digit() -> None:
    draw = random.Random(3)
    numbers = ["4" + "".join(str(draw.randrange(10)) for _ in range(15)) for _ in range(2000)]
    masked = sum(mask(number, ("card",))[0] == "[CARD]" for number in numbers)
    assert 140 < masked < 260  # one in ten


def test_hostile_texts_take_no_longer_than_others() -> None:
    units = ["sk-", " eyJaaaaaaaaaaaa.", "a@", "b.", "a@b.", "1.", "1 ", "+1 ", "+44 123 456 ", "4111 ", "GB82 ", "(0"]
    for unit in [*units, PEM[:31]]:
        mask(unit * (300_000 // len(unit)), ALL)
