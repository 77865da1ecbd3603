"""Verifies the receipt of a deal by itself: no network, no clock, no store (docs/protocol/offers.md, "Receipt")."""

import hashlib

import cbor
from cbor import Malformed
from events import is_genuine, read_signed
from identity import BadLog, address, hash_of, sha256, signed, statement, verify_log
from rules import Thread
from shapes import Misfit, data, integer, listed, one_of, record

KINDS = {"application": 0, "commit": 1}

_receipt = record(
    {
        "topic": data(32),
        "seq": integer(1),
        "previous": data(32),
        "entry": data(32),
        "kind": one_of(*KINDS),
        "time": integer(),
        "index": integer(0, 65535),
        "size": integer(1, 65536),
        "path": listed(data(32), 0, 16),
        "signature": data(64),
    },
    exact=True,
)
_file = record(
    {
        "format": one_of("dchat-offer-receipt"),
        "v": one_of(1),
        "deal": data(32),
        "people": listed(record({"address": address, "log": listed(data(1, 8192), 1, 1024)}, exact=True), 2, 201),
        "relays": listed(data(32), 1, 16),
        "steps": listed(
            record(
                {
                    "offer": data(1, 65536 + 128),
                    "relay": integer(0, 15),
                    "epoch": integer(),
                    "reference": data(16),
                    "body": data(32, 15 * 65536),
                    "salt": data(16),
                    "receipt": _receipt,
                },
                exact=True,
            ),
            2,
            2000,
        ),
    },
    exact=True,
)


class BadReceipt(Exception):
    def __init__(self, field, reason):
        super().__init__(f"{field}: {reason}")
        self.field, self.reason = field, reason


def verify(encoded):
    """What the receipt proves; raises BadReceipt with the field that does not hold."""
    file = _read(encoded)
    people = _people(file)
    steps = [_step(file, people, step, f"steps[{i}]") for i, step in enumerate(file["steps"])]
    _check_order(steps)
    _check_mentioned(file, steps)
    thread, deal = _replay(file, steps)
    terms = next(one["terms"] for one in thread.revisions if one["id"] == deal["revision"])
    return {"terms": terms, "deal": deal, "parties": [thread.opener] + deal["takers"], "steps": steps}


def _read(encoded):
    try:
        return _file(cbor.decode(encoded, size=64 << 20, depth=6, items=500_000), "")
    except Misfit as error:
        raise BadReceipt(error.at or "file", str(error)) from error
    except Malformed as error:
        raise BadReceipt("file", str(error)) from error


def _people(file):
    devices = {}
    for i, person in enumerate(file["people"]):
        try:
            of, devices[person["address"]] = verify_log(person["log"])
        except BadLog as error:
            raise BadReceipt(f"people[{i}].log", str(error)) from error
        if of != person["address"]:
            raise BadReceipt(f"people[{i}].address", "the log is of another address")
    for i in range(1, len(file["people"])):
        if file["people"][i]["address"] <= file["people"][i - 1]["address"]:
            raise BadReceipt(f"people[{i}].address", "people stand in the order of their addresses, once each")
    return devices


def _step(file, people, step, at):
    try:
        event, body, signature = read_signed(step["offer"])
    except Malformed as error:
        raise BadReceipt(f"{at}.offer", str(error)) from error
    devices = people.get(event["author"])
    if devices is None or event["device"] not in devices:
        raise BadReceipt(f"{at}.offer", "its device is not certified by its author")
    if not is_genuine(event, body, signature):
        raise BadReceipt(f"{at}.offer", "the signature is not of its device")
    if step["relay"] >= len(file["relays"]):
        raise BadReceipt(f"{at}.relay", "there is no such relay in the receipt")
    relay, receipt = file["relays"][step["relay"]], step["receipt"]
    head = _head(relay, receipt)
    if head is None:
        raise _unsigned(file, step, at)
    entry = [receipt["topic"], KINDS[receipt["kind"]], step["epoch"], step["reference"], hash_of("body", step["body"])]
    if hash_of("entry", entry + [None]) != receipt["entry"]:
        fields = " or ".join(f"{at}.{field}" for field in ("epoch", "reference", "body"))
        raise BadReceipt(fields, "the relay signed another entry")
    if step["body"][:32] != hash_of("offer-commitment", [step["salt"], event["id"]]):
        raise BadReceipt(f"{at}.salt", "with it the entry does not commit to the event")
    revoked = devices[event["device"]]
    return {"at": at, "event": event, "receipt": receipt, "relay": relay, "head": head, "revoked": revoked}


def _head(relay, receipt):
    """The head that this relay signed, None if it did not."""
    place = [receipt["topic"], receipt["seq"]]
    head = hash_of("head", place + [receipt["previous"], receipt["entry"], receipt["time"], KINDS[receipt["kind"]]])
    root = _root(statement("receipt-leaf", place + [head]), receipt)
    if root is None or not signed(relay, statement("receipts", [relay, root, receipt["size"]]), receipt["signature"]):
        return None
    return head


def _unsigned(file, step, at):
    """The relay that the step names, the key of that relay, or the receipt: the rest of the file tells."""
    for i, relay in enumerate(file["relays"]):
        if _head(relay, step["receipt"]) is not None:
            return BadReceipt(f"{at}.relay", f"relays[{i}] signed the receipt")
    key = file["relays"][step["relay"]]
    others = [one for one in file["steps"] if one is not step and one["relay"] == step["relay"]]
    if any(_head(key, one["receipt"]) is not None for one in others):
        return BadReceipt(f"{at}.receipt", f"it is not as the relay {key.hex()} signed it")
    either = "" if others else f" or {at}.receipt"
    return BadReceipt(f"relays[{step['relay']}]{either}", "no receipt in the file is signed with this key")


def _root(leaf, receipt):
    """RFC 9162, 2.1.3.2: the root to which a leaf and its path lead; None if they do not fit."""
    at, last, node = receipt["index"], receipt["size"] - 1, sha256(b"\x00" + leaf)
    if at > last:
        return None
    for sibling in receipt["path"]:
        if last == 0:
            return None
        if at % 2 == 1 or at == last:
            node = hashlib.sha256(b"\x01" + sibling + node).digest()
            while at % 2 == 0 and at != 0:
                at, last = at // 2, last // 2
        else:
            node = hashlib.sha256(b"\x01" + node + sibling).digest()
        at, last = at // 2, last // 2
    return node if last == 0 else None


def _check_order(steps):
    latest = {}
    for now in steps:
        receipt = now["receipt"]
        before = latest.get(receipt["topic"])
        latest[receipt["topic"]] = now
        if before is None:
            continue
        if before["relay"] != now["relay"]:
            raise BadReceipt(f"{now['at']}.relay", f"for this topic, {before['at']} has a receipt of another relay")
        earlier, relay = before["receipt"], now["relay"].hex()
        if receipt["seq"] == earlier["seq"]:
            twice = now["head"] == before["head"]
            raise BadReceipt(
                f"{now['at']}.receipt",
                "it stands in the receipt twice" if twice else f"the relay {relay} signed two entries for one place",
            )
        if receipt["seq"] < earlier["seq"]:
            raise BadReceipt(f"{now['at']}.receipt", "it stands before the step above")
        if receipt["time"] < earlier["time"]:
            raise BadReceipt(f"{now['at']}.receipt", f"the time of the relay {relay} runs backwards")
        if receipt["seq"] == earlier["seq"] + 1 and receipt["previous"] != before["head"]:
            raise BadReceipt(f"{now['at']}.receipt", f"the relay {relay} signed two histories")


def _check_mentioned(file, steps):
    authors = {step["event"]["author"] for step in steps}
    for i, person in enumerate(file["people"]):
        if person["address"] not in authors:
            raise BadReceipt(f"people[{i}]", "no step is theirs")
    order = list(dict.fromkeys(step["relay"] for step in file["steps"]))
    if order != list(range(len(order))):
        raise BadReceipt("relays", "they do not stand in the order of their steps")
    if len(order) < len(file["relays"]):
        raise BadReceipt(f"relays[{len(order)}]", "no step is receipted by it")


def _replay(file, steps):
    thread, first = Thread(), steps[0]["event"]["thread"]
    for step in steps:
        event = step["event"]
        if event["thread"] != first:
            raise BadReceipt(f"{step['at']}.offer", "it is of another thread")
        outcome, why = thread.judge(event, step["receipt"]["time"])
        if outcome != "applied":
            raise BadReceipt(f"{step['at']}.offer", f"it did not count ({why[0] if why else outcome})")
    deal = next((one for one in thread.deals if one["id"] == file["deal"]), None)
    if deal is None:
        raise BadReceipt("deal", "none of the steps made it")
    if "agreedAt" not in deal:
        raise BadReceipt("deal", "it was never agreed")
    return thread, deal
