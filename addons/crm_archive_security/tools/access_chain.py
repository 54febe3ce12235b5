"""The chain of the register: each entry stands for all before it.

Plain Python on plain values: nothing here knows the database.
"""

import hashlib
import hmac
import json


def link(previous, payload, key=b""):
    """Fingerprint of an entry that also stands for everything before it.

    :param str previous: fingerprint of the entry before, empty for the first
    :param payload: plain values of the entry
    :param bytes key: known to the server and not to the database, or empty
    :return: 64 hexadecimal digits

    >>> link("", [1, "a"]) == link("", [1, "b"])
    False
    >>> link("", [1], b"key") == link("", [1])
    False
    """
    text = json.dumps([previous or "", payload], ensure_ascii=False, separators=(",", ":"))
    return hmac.new(key or b"-", text.encode(), hashlib.sha256).hexdigest()


class Chain:
    """Walks a register from its first entry and tells what does not fit.

    >>> chain = Chain()
    >>> one = link("", [1])
    >>> chain.check(1, "", one, [1])
    >>> chain.check(2, one, "forged", [2])
    'changed'
    >>> Chain().check(2, one, link(one, [2]), [2])
    'missing'
    >>> chain = Chain()
    >>> chain.check(1, "", one, [1])
    >>> chain.check(1, "", one, [1])
    'inserted'
    """

    def __init__(self, key=b""):
        self.key = key
        self.number = 0
        self.head = ""

    def check(self, number, previous, own, payload):
        """Take the next entry.

        :return: ``None`` where it fits, else ``"missing"`` (entries before it are not there),
            ``"inserted"`` (its number is taken) or ``"changed"``
        """
        if number > self.number + 1:
            return "missing"
        if number <= self.number:
            return "inserted"
        if (previous or "") != self.head or own != link(self.head, payload, self.key):
            return "changed"
        self.number = number
        self.head = own
        return None
