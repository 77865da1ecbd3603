"""The signed steps of an offer and their terms (docs/protocol/offers.md)."""

import cbor
from cbor import Malformed
from identity import address, hash_of, sha256, signed as is_signed
from shapes import anything, boolean, data, integer, listed, matching, one_of, record, text

NEGOTIATION = ("propose", "counter", "accept", "commit", "reject_commit", "decline", "withdraw")
SETTLEMENT = (
    "pay_request",
    "pay_submitted",
    "pay_confirmed",
    "fulfilled",
    "complete",
    "cancel_propose",
    "cancel_accept",
    "dispute",
    "resolve",
)
KNOWN = NEGOTIATION + SETTLEMENT
REASONS = (
    "not_available out_of_stock expired withdrawn_first changed superseded not_open own_offer not_party bad_signature "
    "bad_terms amount_out_of_range currency_not_accepted price_deviation too_many_requests blocked duplicate_of "
    "payment_failed timeout internal"
).split()

_PLACES = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
    2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW "
    "CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS "
    "INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN "
    "NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC "
    "SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG",
}
ISO_4217 = {code: places for places, codes in _PLACES.items() for code in codes.split()}

_money = record(
    {
        "minor": matching(r"0|-?[1-9][0-9]{0,29}", 31),
        "currency": matching(r"[A-Z][A-Z0-9]{1,11}", 12),
        "exponent": integer(0, 18),
    }
)


def money(value, at):
    read = _money(value, at)
    if ISO_4217.get(read["currency"], read["exponent"]) != read["exponent"]:
        raise Malformed(f"{at}: the currency has other decimal places")
    return read


def attributes(value, at):
    if not isinstance(value, dict) or len(value) > 32:
        raise Malformed(f"{at}: a map of at most 32 is expected")
    return {text(64, 1)(key, at): text(256)(item, f"{at}.{key}") for key, item in value.items()}


_terms = record(
    {
        "role": one_of("sell", "buy", "service", "swap"),
        "items": listed(
            record(
                {"id": text(64, 1), "title": text(200, 1), "quantity": integer(1)},
                {"unitPrice": money, "attributes": attributes},
            ),
            1,
            100,
        ),
        "price": record(
            {
                "total": money,
                "lines": listed(
                    record(
                        {"kind": one_of("goods", "shipping", "tax", "fee", "discount"), "amount": money},
                        {"label": text(100)},
                    ),
                    1,
                    50,
                ),
            }
        ),
        "expiresIn": integer(600, 2_592_000),
        "revocable": boolean,
        "parties": listed(address, 0, 200),
        "takers": integer(1, 1_000_000),
    },
    {
        "threshold": integer(2, 200),
        "listing": record({"id": data(16), "version": integer(1), "seller": address, "hash": data(32)}),
        "delivery": record(
            {"mode": one_of("pickup", "ship", "digital", "none")},
            {"place": text(200), "from": integer(), "until": integer()},
        ),
        "payment": record(
            {"rails": listed(text(32, 1), 1, 16), "timing": one_of("before", "on", "after")},
            {"moderator": address, "deadline": integer(0, 31_536_000)},
        ),
        "text": text(4096),
        "refund": text(1000),
        "attachments": listed(
            record({"hash": data(32), "size": integer(), "mediaType": text(127, 1), "name": text(255, 1)}), 0, 20
        ),
        "language": text(35, 2),
    },
)


def _check_price(terms):
    total, lines = terms["price"]["total"], terms["price"]["lines"]
    prices = [item["unitPrice"] for item in terms["items"] if "unitPrice" in item]
    unit = (total["currency"], total["exponent"])
    if any((one["currency"], one["exponent"]) != unit for one in [line["amount"] for line in lines] + prices):
        raise Malformed("all amounts are of one currency")
    for line in lines:
        amount = int(line["amount"]["minor"])
        if (line["kind"] == "discount" and amount > 0) or (line["kind"] != "discount" and amount < 0):
            raise Malformed("a discount, and nothing else, is negative")
    if int(total["minor"]) < 0 or any(int(price["minor"]) < 0 for price in prices):
        raise Malformed("neither total nor unit price is negative")
    if sum(int(line["amount"]["minor"]) for line in lines) != int(total["minor"]):
        raise Malformed("the total is the sum of the lines")
    if len(prices) == len(terms["items"]):
        goods = sum(int(line["amount"]["minor"]) for line in lines if line["kind"] == "goods")
        if goods != sum(item["quantity"] * int(item["unitPrice"]["minor"]) for item in terms["items"]):
            raise Malformed("the lines of goods are the items at their unit prices")


def read_terms(value):
    terms = _terms(value, "terms")
    _check_price(terms)
    parties, threshold = terms["parties"], terms.get("threshold")
    if len(set(parties)) != len(parties) or len({item["id"] for item in terms["items"]}) != len(terms["items"]):
        raise Malformed("something is named twice")
    if terms.get("payment", {}).get("moderator") in parties:
        raise Malformed("the moderator is no party")
    if threshold is None:
        if parties and terms["takers"] > len(parties):
            raise Malformed("more takers than parties")
    elif terms["takers"] != 1 or "listing" in terms or threshold > len(parties):
        raise Malformed("a joint offer of another form")
    if len(terms.get("text", "").encode()) > 4096:
        raise Malformed("the text has too many bytes")
    delivery = terms.get("delivery", {})
    if delivery.get("until", delivery.get("from", 0)) < delivery.get("from", 0):
        raise Malformed("the delivery ends before it begins")
    return terms


_event = record(
    {
        "v": one_of(1),
        "conversation": text(64, 1),
        "thread": data(16),
        "type": text(32, 1),
        "seq": integer(0, 1000),
        "author": address,
        "device": data(32),
        "at": integer(),
    },
    {
        "prev": data(32),
        "terms": anything,
        "termsHash": data(32),
        "reason": one_of(*REASONS),
        "data": record(
            {},
            {
                "rail": text(32, 1),
                "request": text(64, 1),
                "uri": text(2048),
                "reference": text(256),
                "amount": money,
                "expiresAt": integer(),
                "note": text(1000),
                "outcome": one_of("release", "refund", "split"),
                "available": integer(),
            },
        ),
    },
)


def event_statement(body):
    return b"dchat/offer/v1\x00" + body


def read_event(body):
    """What the signed bytes say, with the event's id; raises Malformed."""
    event = _event(cbor.decode(body, size=65536, depth=12, items=10_000), "event")
    kind = event["type"]
    has_terms, has_hash = "terms" in event, "termsHash" in event
    if (event["seq"] == 0) != ("prev" not in event):
        raise Malformed("the first event, and no other, has none before it")
    if kind in KNOWN:
        if (kind == "propose") != (event["seq"] == 0):
            raise Malformed("a thread begins with a proposal, and only once")
        if has_terms != (kind in ("propose", "counter")):
            raise Malformed("terms go with proposals and counters")
        if has_hash != (kind in ("propose", "counter", "accept", "commit")):
            raise Malformed("the hash of terms goes with what makes or answers them")
    if kind in ("propose", "counter"):
        given = event["terms"]
        event["terms"] = read_terms(given)
        if event["termsHash"] != hash_of("offer-terms", given):
            raise Malformed("the hash is of other terms")
    return {**event, "id": sha256(event_statement(body))}


def read_signed(encoded):
    """An event as it travels: (event, body, signature)."""
    value = cbor.decode(encoded, size=65536 + 128, depth=2, items=4)
    if not isinstance(value, list) or len(value) != 2:
        raise Malformed("body and signature are expected")
    body, signature = data(1, 65536)(value[0], "body"), data(64)(value[1], "signature")
    return read_event(body), body, signature


def is_genuine(event, body, signature):
    return is_signed(event["device"], event_statement(body), signature)
