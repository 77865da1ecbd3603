#!/usr/bin/env python3
"""python3 verify_receipt.py FILE: says what a dchat receipt proves, or which field of it does not hold."""

import sys
from datetime import datetime, timezone

from receipt import BadReceipt, verify


def when(ms):
    return datetime.fromtimestamp(ms / 1000, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def amount(money):
    digits = money["minor"].zfill(money["exponent"] + 1)
    cut = len(digits) - money["exponent"]
    return f"{digits[:cut]}{'.' + digits[cut:] if money['exponent'] else ''} {money['currency']}"


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    with open(arguments[0], "rb") as file:
        encoded = file.read()
    try:
        proof = verify(encoded)
    except BadReceipt as error:
        print(f"It does not hold. {error}", file=sys.stderr)
        return 1
    print(f"Agreed on {when(proof['deal']['agreedAt'])}: {amount(proof['terms']['price']['total'])}")
    for item in proof["terms"]["items"]:
        print(f"  {item['quantity']} x {item['title']}")
    print(f"Between {' and '.join(proof['parties'])}; it is {proof['deal']['state']}, payment: {proof['deal']['payment']}.")
    for step in proof["steps"]:
        note = " (this device was revoked since or before)" if step["revoked"] else ""
        print(f"  {when(step['receipt']['time'])}  {step['event']['type']:<14} {step['event']['author']}{note}")
    for relay in sorted({step["relay"].hex() for step in proof["steps"]}):
        print(f"The times are the word of the relay with the key {relay}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
