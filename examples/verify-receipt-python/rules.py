"""The rules of a negotiation: what each step does to its thread (docs/protocol/offers.md, "Judging, step by step")."""

from events import KNOWN, SETTLEMENT

DAY = 24 * 3_600_000
FINAL = ("withdrawn_first", "out_of_stock", "expired", "changed")
OVER = ("pending", "rejected", "completed", "cancelled", "resolved")


class Refused(Exception):
    def __init__(self, reason, head=None):
        super().__init__(reason)
        self.reason, self.head = reason, head


class Thread:
    """A negotiation; the same for everybody who reads the same steps in the same order."""

    def __init__(self):
        self.revisions, self.deals, self.signers, self.declined = [], [], [], []
        self.state = self.conversation = self.opener = None
        self.applied, self.refused = [], []

    @property
    def live(self):
        return self.revisions[-1]

    def judge(self, event, accepted_at):
        """Applies one step; returns ("applied" | "repeated" | "unknown", None), or ("refused", (reason, head))."""
        if event["type"] not in KNOWN:
            return "unknown", None
        if event["id"] in self.applied or event["id"] in self.refused:
            return "repeated", None
        try:
            self._decide(event, accepted_at)
        except Refused as refusal:
            if self.revisions:
                self.refused = (self.refused + [event["id"]])[-1000:]
            return "refused", (refusal.reason, refusal.head)
        self.applied.append(event["id"])
        return "applied", None

    def _decide(self, event, at):
        kind = event["type"]
        if not self.revisions:
            if kind != "propose":
                raise Refused("not_open")
            return self._propose(event, at)
        if event["conversation"] != self.conversation:
            raise Refused("not_available")
        if kind in SETTLEMENT:
            return self._settle(event)
        if kind == "propose":
            raise Refused("not_open")
        return getattr(self, f"_{kind}")(event, at)

    # What is on the table

    def _propose(self, event, at):
        author, terms = event["author"], event["terms"]
        listing = terms.get("listing")
        if _is_joint(terms) != (author in terms["parties"]) or _moderator(terms) == author:
            raise Refused("bad_terms")
        if listing is not None:
            sells = terms["role"] in ("sell", "service") and listing["seller"] == author
            buys = terms["role"] == "buy" and _is_bilateral(terms) and terms["parties"][0] == listing["seller"]
            if not sells and not buys:
                raise Refused("bad_terms")
        self.conversation, self.opener, self.state = event["conversation"], author, "open"
        self._put(event, at)

    def _put(self, event, at):
        terms = event["terms"]
        self.revisions.append({**event, "expires": at + terms["expiresIn"] * 1000})
        self.signers = [event["author"]] if _is_joint(terms) else []
        self.declined = []

    def _is_passed(self, prev):
        return any(revision["id"] == prev for revision in self.revisions[:-1])

    def _current(self, event, at):
        if event.get("prev") != self.live["id"] or event["seq"] != self.live["seq"] + 1 or self.state != "open":
            raise Refused("not_open")
        if at > self.live["expires"]:
            raise Refused("expired")

    def _answer(self, event, at):
        author, parties = event["author"], self.live["terms"]["parties"]
        if self._is_passed(event.get("prev")):
            raise Refused("superseded", self.live["id"])
        if author == self.live["author"]:
            raise Refused("own_offer")
        if parties and author not in parties:
            raise Refused("not_party")
        self._current(event, at)
        if author in self.declined:
            raise Refused("not_open")

    def _counter(self, event, at):
        self._answer(event, at)
        live, terms = self.live["terms"], event["terms"]
        if not _is_bilateral(live) and not _is_joint(live):
            raise Refused("not_available")
        if len(self.revisions) >= 20:
            raise Refused("too_many_requests")
        if _is_joint(live):
            to = _is_joint(terms) and set(terms["parties"]) == set(live["parties"])
        else:
            to = _is_bilateral(terms) and terms["parties"][0] == self.live["author"]
        same = [(one.get("listing") or {}).get(name) for name in ("id", "seller") for one in (live, terms)]
        if (
            not to
            or terms["role"] != live["role"]
            or terms["takers"] != 1
            or _moderator(terms) == event["author"]
            or same[0] != same[1]
            or same[2] != same[3]
        ):
            raise Refused("bad_terms")
        self._put(event, at)

    def _accept(self, event, at):
        self._answer(event, at)
        author, terms = event["author"], self.live["terms"]
        if event["termsHash"] != self.live["termsHash"]:
            raise Refused("changed")
        if _is_joint(terms):
            if author in self.signers:
                raise Refused("not_open")
            self.signers.append(author)
            if len(self.signers) >= terms["threshold"] and self.opener in self.signers:
                self._conclude(event, at, [one for one in self.signers if one != self.opener])
            return
        if any(author in deal["takers"] for deal in self._standing()):
            raise Refused("not_open")
        self._conclude(event, at, [self.live["author"] if author == self.opener else author])

    def _standing(self):
        return [deal for deal in self.deals if deal["state"] != "rejected"]

    def _conclude(self, event, at, takers):
        listing = self.live["terms"].get("listing")
        waits = listing is not None and listing["seller"] == self.live["author"]
        self.deals.append(
            {
                "id": event["id"],
                "revision": self.live["id"],
                "takers": takers,
                "at": at,
                "state": "pending" if waits else "agreed",
                "head": event["id"],
                "seq": event["seq"],
                "payment": "none",
                "fulfilled": [],
                **({} if waits else {"agreedAt": at}),
            }
        )
        self.state = "taken" if len(self._standing()) >= self.live["terms"]["takers"] else "open"

    def _decline(self, event, at):
        self._answer(event, at)
        author, terms = event["author"], self.live["terms"]
        if author in self.signers or any(author in deal["takers"] for deal in self.deals):
            raise Refused("not_open")
        self.declined.append(author)
        took = [taker for deal in self._standing() for taker in deal["takers"]]
        if _is_joint(terms):
            left = len(terms["parties"]) - len(self.declined)
            hopeless = self.opener in self.declined or left < terms["threshold"]
        else:
            parties = terms["parties"]
            hopeless = bool(parties) and all(one in self.declined or one in took for one in parties)
        if hopeless:
            self.state = "declined"

    def _withdraw(self, event, at):
        if self._is_passed(event.get("prev")):
            raise Refused("superseded", self.live["id"])
        if event["author"] != self.live["author"]:
            raise Refused("not_party")
        self._current(event, at)
        if not self.live["terms"]["revocable"]:
            raise Refused("not_available")
        self.state = "withdrawn"

    def _awaited(self, event, at):
        deal = self._deal(event.get("prev"))
        if event["author"] != self.live["author"]:
            raise Refused("not_party")
        if deal is None or event["seq"] != deal["seq"] + 1 or deal["state"] != "pending":
            raise Refused("not_open")
        if at > deal["at"] + DAY:
            raise Refused("timeout")
        return deal

    def _commit(self, event, at):
        deal = self._awaited(event, at)
        if event["termsHash"] != self.live["termsHash"]:
            raise Refused("changed")
        deal.update(state="agreed", agreedAt=at, head=event["id"], seq=event["seq"])

    def _reject_commit(self, event, at):
        deal = self._awaited(event, at)
        deal.update(state="rejected", head=event["id"], seq=event["seq"])
        if self.state in ("taken", "open"):
            self.state = "void" if event.get("reason", "not_available") in FINAL else "open"

    # What follows an agreement

    def _deal(self, head):
        return next((deal for deal in self.deals if deal["head"] == head), None)

    def _settle(self, event):
        deal = self._deal(event.get("prev"))
        if deal is None:
            if event.get("prev") in self.applied and self.deals:
                raise Refused("superseded", self.deals[0]["head"] if len(self.deals) == 1 else None)
            raise Refused("not_open")
        who, change = self._step(event, deal)
        if event["author"] not in who:
            raise Refused("not_party")
        if event["seq"] != deal["seq"] + 1 or deal["state"] in OVER:
            raise Refused("not_open")
        if isinstance(change, str):
            raise Refused(change)
        deal.update(change, head=event["id"], seq=event["seq"])

    def _step(self, event, deal):
        kind, author = event["type"], event["author"]
        everybody = [self.opener] + deal["takers"]
        sides = ([self.opener], deal["takers"])
        role = self.live["terms"]["role"]
        sellers, buyers = ([], []) if role == "swap" else (sides[::-1] if role == "buy" else sides)
        disputed, paid = deal["state"] == "disputed", deal["payment"] == "paid"
        if kind == "pay_request":
            return sellers, "not_open" if disputed or paid else {"payment": "requested"}
        if kind == "pay_submitted":
            return buyers, "not_open" if disputed or paid else {"payment": "submitted"}
        if kind == "pay_confirmed":
            return sellers, "not_open" if paid else {"payment": "paid"}
        if kind == "fulfilled":
            again = disputed or author in deal["fulfilled"]
            return sellers or everybody, "not_open" if again else {"fulfilled": deal["fulfilled"] + [author]}
        if kind == "complete":
            needed = sellers or everybody + [author]
            done = all(one in deal["fulfilled"] for one in needed)
            return buyers or everybody, {"state": "completed"} if done else "not_open"
        if kind in ("cancel_propose", "cancel_accept"):
            first = deal.get("cancelBy")
            if first is None and kind == "cancel_propose":
                return everybody, {"cancelBy": author}
            return everybody, "not_open" if first in (None, author) else {"state": "cancelled"}
        if kind == "dispute":
            return everybody, "not_open" if disputed else {"state": "disputed"}
        outcome = event.get("data", {}).get("outcome")
        moderator = _moderator(self.live["terms"])
        if not disputed:
            change = "not_open"
        else:
            change = "bad_terms" if outcome is None else {"state": "resolved", "outcome": outcome}
        return [moderator] if moderator else [], change


def _is_joint(terms):
    return "threshold" in terms


def _is_bilateral(terms):
    return len(terms["parties"]) == 1 and not _is_joint(terms)


def _moderator(terms):
    return terms.get("payment", {}).get("moderator")
