#!/usr/bin/env python3
"""python3 check_vectors.py FOLDER: holds this implementation against the published vectors. Prints what it checked."""

import json
import sys
from pathlib import Path

import cbor
from cbor import Malformed
from events import is_genuine, read_event, read_signed
from receipt import BadReceipt, verify
from rules import Thread

checked = 0


def expect(name, got, wanted):
    global checked
    checked += 1
    if got != wanted:
        sys.exit(f"{name}: {got} instead of {wanted}")


def plain(value):
    """As the vectors write it: bytes in hex."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [plain(item) for item in value]
    return {key: plain(item) for key, item in value.items()} if isinstance(value, dict) else value


def check_events(vectors):
    for vector in vectors["valid"]:
        event, body, signature = read_signed(bytes.fromhex(vector["signed"]))
        expect(vector["name"], event["id"].hex(), vector["id"])
        expect(vector["name"], is_genuine(event, body, signature), True)
        said = {key: value for key, value in plain(event).items() if key != "v"}
        expect(vector["name"], said, vector["event"])
    for vector in vectors["invalid"]:
        try:
            read_signed(bytes.fromhex(vector["signed"]))
        except Malformed:
            expect(vector["name"], "refused", "refused")
        else:
            expect(vector["name"], "taken", "refused")
    for vector in vectors["forged"]:
        expect(vector["name"], is_genuine(*read_signed(bytes.fromhex(vector["signed"]))), False)


def check_threads(vectors):
    for vector in vectors:
        thread = Thread()
        for i, step in enumerate(vector["steps"]):
            event = read_event(bytes.fromhex(step["body"]))
            outcome, why = thread.judge(event, step["acceptedAt"])
            got = {outcome: True}
            if why is not None:
                got = {"refused": why[0], **({"head": why[1].hex()} if why[1] else {})}
            expect(f"{vector['name']}, step {i}", got, step["outcome"])
        end = vector["end"]
        if end is None:
            expect(vector["name"], thread.revisions, [])
            continue
        expect(vector["name"], [thread.state, thread.live["id"].hex()], [end["state"], end["live"]])
        expect(vector["name"], [thread.declined, thread.signers], [end["declined"], end["signers"]])
        names = ("id", "state", "payment", "takers", "head", "agreedAt", "outcome")
        deals = [{name: plain(deal[name]) for name in names if name in deal} for deal in thread.deals]
        expect(vector["name"], deals, end["deals"])


def check_receipts(vectors):
    for vector in vectors["valid"]:
        encoded = bytes.fromhex(vector["encoded"])
        proof, says = verify(encoded), vector["says"]
        expect(vector["name"], cbor.encode(cbor.decode(encoded, size=64 << 20, items=500_000)), encoded)
        expect(vector["name"], proof["terms"]["price"]["total"], says["total"])
        expect(vector["name"], proof["parties"], says["parties"])
        expect(vector["name"], {name: plain(proof["deal"][name]) for name in says["deal"]}, says["deal"])
        steps = [
            {
                "type": step["event"]["type"],
                "author": step["event"]["author"],
                "acceptedAt": step["receipt"]["time"],
                "relay": step["relay"].hex(),
                "revoked": step["revoked"],
            }
            for step in proof["steps"]
        ]
        expect(vector["name"], steps, says["steps"])
    for vector in vectors["invalid"]:
        try:
            verify(bytes.fromhex(vector["encoded"]))
        except BadReceipt as error:
            expect(vector["name"], error.field, vector["field"])
        else:
            expect(vector["name"], "it holds", vector["field"])


def main(folder):
    for name, check in (("events", check_events), ("threads", check_threads), ("receipts", check_receipts)):
        check(json.loads((Path(folder) / f"{name}.json").read_text(encoding="utf-8")))
    print(f"{checked} checks agree.")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
