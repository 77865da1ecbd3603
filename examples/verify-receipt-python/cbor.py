"""Deterministic CBOR (RFC 8949, section 4.2) as dchat uses it: no floats, no tags, text keys, nothing of unknown length."""


class Malformed(Exception):
    """Bytes that no reader takes."""


def encode(value):
    if value is None:
        return b"\xf6"
    if value is False:
        return b"\xf4"
    if value is True:
        return b"\xf5"
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        text = value.encode("utf-8")
        return _head(3, len(text)) + text
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(encode(item) for item in value)
    if isinstance(value, dict):
        pairs = sorted((encode(key), encode(item)) for key, item in value.items())
        return _head(5, len(pairs)) + b"".join(key + item for key, item in pairs)
    raise Malformed(f"{type(value).__name__} cannot be written")


def decode(data, size=1 << 20, depth=16, items=65536):
    """The one value that the bytes are, in the one encoding that is allowed."""
    if len(data) > size:
        raise Malformed("it is too large")
    reader = _Reader(data, depth, items)
    value = reader.value(0)
    if reader.at != len(data):
        raise Malformed("bytes are left over")
    return value


def _head(major, count):
    for info, width in ((None, 0), (24, 1), (25, 2), (26, 4), (27, 8)):
        if info is None:
            if count < 24:
                return bytes([major << 5 | count])
        elif count < 1 << (8 * width):
            return bytes([major << 5 | info]) + count.to_bytes(width, "big")
    raise Malformed("a number has more than 64 bits")


class _Reader:
    def __init__(self, data, depth, items):
        self.data, self.at, self.depth, self.items = data, 0, depth, items

    def take(self, count):
        if count > len(self.data) - self.at:
            raise Malformed("it ends too early")
        self.at += count
        return self.data[self.at - count : self.at]

    def value(self, depth):
        self.items -= 1
        if self.items < 0:
            raise Malformed("it has too many items")
        head = self.take(1)[0]
        major, info = head >> 5, head & 31
        if major == 7:
            if head in (0xF4, 0xF5, 0xF6):
                return {0xF4: False, 0xF5: True, 0xF6: None}[head]
            raise Malformed("floats and other simple values are not allowed")
        count = self.count(info)
        if major == 0:
            return count
        if major == 1:
            return -1 - count
        if major == 2:
            return bytes(self.take(count))
        if major == 3:
            try:
                return self.take(count).decode("utf-8")
            except UnicodeDecodeError as error:
                raise Malformed("a text is not UTF-8") from error
        if major == 6:
            raise Malformed("tags are not allowed")
        if count * (major - 3) > len(self.data) - self.at:
            raise Malformed("it ends too early")
        if count > 0 and depth + 1 > self.depth:
            raise Malformed("it is nested too deep")
        if major == 4:
            return [self.value(depth + 1) for _ in range(count)]
        return self.map(count, depth + 1)

    def count(self, info):
        if info < 24:
            return info
        if info > 27:
            raise Malformed("indefinite lengths are not allowed")
        width = 1 << (info - 24)
        count = int.from_bytes(self.take(width), "big")
        if count < (24 if width == 1 else 1 << (4 * width)):
            raise Malformed("it is not the deterministic encoding")
        return count

    def map(self, count, depth):
        out, before = {}, b""
        for _ in range(count):
            start = self.at
            key = self.value(depth)
            encoded = self.data[start : self.at]
            if encoded <= before:
                raise Malformed("it is not the deterministic encoding")
            if not isinstance(key, str):
                raise Malformed("a key is not a text")
            before = encoded
            out[key] = self.value(depth)
        return out
