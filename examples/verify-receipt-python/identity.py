"""Addresses and identity logs: which devices speak for whom (docs/protocol/identity.md)."""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import cbor
from shapes import Misfit, data, integer, listed, matching, one_of, record, text

CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
ORDER = 2**252 + 27742317777372353535851937790883648493


def sha256(value):
    return hashlib.sha256(value).digest()


def statement(use, value):
    """What keys sign and hashes cover: named by its use, so that nothing is valid for another."""
    return b"dchat/" + use.encode() + b"/v1\x00" + cbor.encode(value)


def hash_of(use, value):
    return sha256(statement(use, value))


def signed(key, message, signature):
    """Ed25519 (RFC 8032), the scalar reduced."""
    if int.from_bytes(signature[32:], "little") >= ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except (InvalidSignature, ValueError):
        return False


def _polymod(values):
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, word in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= word if top >> bit & 1 else 0
    return check


_PREFIX = [ord(c) >> 5 for c in "dchat"] + [0] + [ord(c) & 31 for c in "dchat"]


def address_of(genesis):
    """bech32m (BIP 350) over a version byte and 200 bits of the genesis entry's hash."""
    payload = b"\x01" + hash_of("identity-genesis", genesis)[:25]
    bits = "".join(f"{byte:08b}" for byte in payload)
    words = [int(bits[at : at + 5].ljust(5, "0"), 2) for at in range(0, len(bits), 5)]
    check = _polymod(_PREFIX + words + [0] * 6) ^ 0x2BC830A3
    return "dchat1" + "".join(CHARSET[word] for word in words + [check >> 5 * (5 - i) & 31 for i in range(6)])


def address(value, at):
    """An address in the one form that is signed."""
    given = text(90)(value, at)
    words = [CHARSET.find(c) for c in given[6:]]
    fits = given.startswith("dchat1") and len(words) == 48 and -1 not in words
    # 26 bytes are 41 words and 3 bits, so that the last word's 2 low bits are zero; the first byte is the version.
    if not fits or _polymod(_PREFIX + words) != 0x2BC830A3 or words[41] & 3 or words[0] != 0 or words[1] >> 2 != 1:
        raise Misfit(at, "an address is expected")
    return given


class BadLog(Exception):
    pass


_xwing = data(1216)
_BODIES = {
    "add-device": record(
        {"kind": one_of("add-device"), "deviceKey": data(32), "introKey": _xwing},
        {"name": text(64, 1), "at": integer()},
        exact=True,
    ),
    "revoke-device": record({"kind": one_of("revoke-device"), "deviceKey": data(32)}, exact=True),
    "set-relays": record(
        {"kind": one_of("set-relays"), "relays": listed(matching(r"wss?://[!-~]+", 256), 0, 8), "archiveKey": _xwing},
        exact=True,
    ),
    "rotate-root": record({"kind": one_of("rotate-root"), "key": data(32)}, exact=True),
    "rotate-recovery": record({"kind": one_of("rotate-recovery"), "key": data(32)}, exact=True),
}


def _body(value, at):
    if not isinstance(value, dict) or value.get("kind") not in _BODIES:
        raise BadLog("an entry is of an unknown kind")
    return _BODIES[value["kind"]](value, at)


_genesis = record(
    {"version": one_of(1), "kind": one_of("person", "bot"), "root": data(32), "recovery": data(32)}, exact=True
)
_content = record(
    {
        "version": one_of(1),
        "index": integer(1),
        "previous": data(32),
        "signer": one_of("root", "recovery"),
        "key": data(32),
        "body": _body,
    },
    exact=True,
)
_entry = record({"content": _content, "signature": data(64)}, {"proof": data(64)}, exact=True)


def verify_log(entries):
    """The log's address and its devices: {device key: revoked}. Raises BadLog."""
    try:
        return _verify_log(entries)
    except cbor.Malformed as error:
        raise BadLog(str(error)) from error


def _verify_log(entries):
    decoded = [cbor.decode(entry, size=8192, depth=6, items=128) for entry in entries]
    genesis = _genesis(decoded[0], "entry")
    root, recovery = genesis["root"], genesis["recovery"]
    taken = {sha256(root), recovery}
    if len(taken) == 1:
        raise BadLog("root and recovery key are the same")
    head, devices = hash_of("identity-genesis", genesis), {}
    for index, value in enumerate(decoded[1:], 1):
        entry = _entry(value, "entry")
        content = entry["content"]
        body, key = content["body"], content["key"]
        if content["index"] != index or content["previous"] != head:
            raise BadLog(f"entry {index} does not follow from the one before")
        if content["signer"] == "root":
            if key != root or body["kind"] == "rotate-recovery":
                raise BadLog(f"entry {index} is not the root key's to sign")
        elif sha256(key) != recovery:
            raise BadLog(f"entry {index} is not of the recovery key")
        fresh = body["key"] if body["kind"].startswith("rotate-") else body.get("deviceKey")
        if body["kind"] == "revoke-device":
            if devices.get(fresh) is not False:
                raise BadLog(f"entry {index} revokes no device")
            devices[fresh] = True
        elif fresh is not None:
            if sha256(fresh) in taken:
                raise BadLog(f"entry {index} uses a key a second time")
            taken.add(sha256(fresh))
        if body["kind"] == "add-device":
            devices[fresh] = False
        message = statement("identity-entry", content)
        if ("proof" in entry) != body["kind"].startswith("rotate-"):
            raise BadLog(f"entry {index}: a rotation, and nothing else, has a second signature")
        if not signed(key, message, entry["signature"]):
            raise BadLog(f"entry {index} is not signed")
        if "proof" in entry and not signed(fresh, message, entry["proof"]):
            raise BadLog(f"entry {index} is not signed by the new key")
        if body["kind"] == "rotate-root":
            root = fresh
        elif body["kind"] == "rotate-recovery":
            recovery = sha256(fresh)
        head = hash_of("identity-entry", content)
    return address_of(genesis), devices
