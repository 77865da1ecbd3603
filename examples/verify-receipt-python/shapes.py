"""Reads a decoded value into a known shape, or raises with the place at which it does not fit."""

import re

from cbor import Malformed

SAFE = (1 << 53) - 1


class Misfit(Malformed):
    def __init__(self, at, reason):
        super().__init__(f"{at}: {reason}")
        self.at = at


def integer(low=0, high=SAFE):
    def read(value, at):
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Misfit(at, f"a whole number from {low} to {high} is expected")
        return value

    return read


def data(low, high=None):
    high = low if high is None else high

    def read(value, at):
        if not isinstance(value, bytes) or not low <= len(value) <= high:
            raise Misfit(at, "bytes of another length are expected")
        return value

    return read


def text(high, low=0):
    """Lengths count UTF-16 units."""

    def read(value, at):
        if not isinstance(value, str) or not low <= len(value.encode("utf-16-le")) // 2 <= high:
            raise Misfit(at, f"a text of {low} to {high} is expected")
        return value

    return read


def one_of(*allowed):
    def read(value, at):
        if isinstance(value, bool) or value not in allowed:
            raise Misfit(at, "another value is expected")
        return value

    return read


def boolean(value, at):
    if not isinstance(value, bool):
        raise Misfit(at, "true or false is expected")
    return value


def listed(shape, low, high):
    def read(value, at):
        if not isinstance(value, list) or not low <= len(value) <= high:
            raise Misfit(at, f"a list of {low} to {high} is expected")
        return [shape(item, f"{at}[{place}]") for place, item in enumerate(value)]

    return read


def record(required, optional=None, exact=False):
    """A map with these fields; others are of a later version and are left out, or refused where `exact`."""
    optional = optional or {}

    def read(value, at):
        if not isinstance(value, dict):
            raise Misfit(at, "a map is expected")
        out = {}
        for name, shape in {**required, **optional}.items():
            field = f"{at}.{name}".lstrip(".")
            if name in value:
                out[name] = shape(value[name], field)
            elif name in required:
                raise Misfit(field, "it is missing")
        if exact and len(out) != len(value):
            raise Misfit(at, "it has an unknown field")
        return out

    return read


def anything(value, at):
    return value


def matching(pattern, high):
    def read(value, at):
        if not re.fullmatch(pattern, text(high)(value, at)):
            raise Misfit(at, "another form is expected")
        return value

    return read
