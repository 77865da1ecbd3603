"""A bot behind a webhook that rolls dice, with Python's standard library alone."""

import base64
import hashlib
import hmac
import json
import os
import random
import re
import signal
import sqlite3
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

SECRET = os.environ.get("WEBHOOK_SECRET", "")
PORT = int(os.environ.get("PORT", "3000"))
STATE = os.environ.get("STATE", "dice.db")
TOLERANCE = 300  # seconds
BODY_LIMIT = 100_000  # bytes; those of events have at most 20,000


def is_genuine(body, headers, secret, now):
    """Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body`, the body as it came. One signature that fits is enough."""
    event_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    key = base64.b64decode(secret[len("whsec_"):] if secret.startswith("whsec_") else secret)
    if not re.fullmatch(r"[0-9]{1,12}", timestamp) or abs(now - int(timestamp)) > TOLERANCE or len(key) < 24:
        return False
    signed = f"{event_id}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(expected.encode(), one.encode()) for one in given)


def roll(dice):
    """`2d6`: two dice of six sides. None where it is no such thing."""
    found = re.fullmatch(r"([1-9]?)d([1-9][0-9]{0,2})", dice)
    if not found:
        return None
    count, sides = int(found[1] or 1), int(found[2])
    thrown = [random.randint(1, sides) for _ in range(count)]
    return f"{' + '.join(map(str, thrown))} = {sum(thrown)}" if count > 1 else str(thrown[0])


def actions_for(event):
    """What is to be done. Types that this program does not know get nothing: later versions add some."""
    data = event["data"]
    if event["type"] == "message.created":
        command = data["message"].get("command") or {}
        if command.get("name") != "roll":
            return []
        dice = (command["args"] or ["d6"])[0]
        pressed = []
    elif event["type"] == "callback.pressed":
        dice = data["data"]
        pressed = [{"do": "answer_callback", "callback_id": data["callback_id"]}]
    else:
        return []
    thrown = roll(dice)
    if thrown is None:
        return [*pressed, {"do": "send", "text": "Like this: /roll 2d6"}]
    again = [[{"text": f"Roll {dice} again", "callback": dice}]]
    return [*pressed, {"do": "send", "text": thrown, "keyboard": again}]


class Answers:
    """What was answered, by event, on the disk: an event that comes again is not thrown for again."""

    def __init__(self, path):
        self.db = sqlite3.connect(path)
        self.db.execute("CREATE TABLE IF NOT EXISTS answered (id TEXT PRIMARY KEY, answer TEXT NOT NULL)")

    def to(self, event):
        event_id = event["data"]["event_id"]
        known = self.db.execute("SELECT answer FROM answered WHERE id = ?", (event_id,)).fetchone()
        if known:
            return known[0]
        answer = json.dumps({"v": 1, "actions": actions_for(event)})
        with self.db:
            self.db.execute("INSERT INTO answered VALUES (?, ?)", (event_id, answer))
        return answer


class Handler(BaseHTTPRequestHandler):
    answers = None

    def do_POST(self):
        size = self.headers.get("content-length", "")
        body = self.rfile.read(int(size)) if re.fullmatch(r"[0-9]{1,6}", size) and int(size) <= BODY_LIMIT else b""
        if not is_genuine(body, self.headers, SECRET, time.time()):
            self.reply(401, "")
            return
        event = json.loads(body)
        if event["type"] == "webhook.ping":
            self.reply(200, json.dumps({"challenge": event["data"]["challenge"]}))
        else:
            self.reply(200, self.answers.to(event))

    def reply(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing of what people write stands in a log."""


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    Handler.answers = Answers(STATE)
    server = HTTPServer(("127.0.0.1", PORT), Handler)
    print(f"Listening on http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
