"""Canonical JSON, the hash chain of decisions, the difference of two snapshots.

Plain Python on plain values: nothing here knows the database.
"""

import hashlib
import json


def canonical(value):
    """One text for equal values, whatever the order of their keys.

    >>> canonical({"b": 1, "a": [None, "客户"]})
    '{"a":[null,"客户"],"b":1}'
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


def digest(text):
    """SHA-256 of a text or of bytes, in hexadecimal digits.

    >>> digest("a")[:8]
    'ca978112'
    >>> digest(b"a") == digest("a")
    True
    """
    data = text if isinstance(text, bytes) else text.encode()
    return hashlib.sha256(data).hexdigest()


def number(value):
    """A float as text, so that the seventh decimal is never a change.

    >>> number(0.1 + 0.2), number(-0.0), number(None)
    ('0.300000', '0.000000', '0.000000')
    """
    return f"{round(value or 0.0, 6) + 0.0:.6f}"


def without_fallbacks(value):
    """A snapshot without the translations that say what English says.

    Shown is the same without them; a language that is added later brings such ones along.

    >>> without_fallbacks({"title": {"en_US": "Plan", "zh_CN": "计划", "zh_TW": "Plan"}})
    {'title': {'en_US': 'Plan', 'zh_CN': '计划'}}
    >>> without_fallbacks([{"7": {"name": {"en_US": None, "zh_CN": None}}}, 1])
    [{'7': {'name': {'en_US': None}}}, 1]
    """
    if isinstance(value, list):
        return [without_fallbacks(part) for part in value]
    if not isinstance(value, dict):
        return value
    if "en_US" in value:
        source = value["en_US"]
        return {lang: text for lang, text in value.items() if lang == "en_US" or text != source}
    return {key: without_fallbacks(part) for key, part in value.items()}


def link(previous, payload):
    """Hash of an entry that also stands for everything before it.

    :param previous: hash of the entry before, or a false value for the first
    :param payload: values of the entry, without its hashes
    :return: 64 hexadecimal digits

    >>> link("", {"user": 1}) == link("", {"user": 2})
    False
    """
    return digest(canonical([previous or "", payload]))


def first_broken(entries):
    """Position of the first entry that does not fit its chain.

    :param entries: ``(previous_hash, hash, payload)`` in order of the chain
    :return: index from 0, or ``None`` when the chain holds

    >>> one = ("", link("", 1), 1)
    >>> two = (one[1], link(one[1], 2), 2)
    >>> first_broken([one, two])
    >>> first_broken([one, (two[0], two[1], 3)])
    1
    >>> first_broken([two])
    0
    """
    head = ""
    for index, (previous, own, payload) in enumerate(entries):
        if (previous or "") != head or own != link(head, payload):
            return index
        head = own
    return None


def changes(before, after, path=()):
    """What differs between two snapshots.

    :return: list of ``(path, before, after)``; the path is a tuple of keys, a side is ``None``
        where nothing stood

    >>> changes({"a": 1, "lines": {"7": {"b": 2}}}, {"a": 1, "lines": {"8": {"b": 2}}})
    [(('lines', '7'), {'b': 2}, None), (('lines', '8'), None, {'b': 2})]
    >>> changes({"a": 1}, {"a": 3})
    [(('a',), 1, 3)]
    """
    if before == after:
        return []
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return [(path, before, after)]
    found = []
    for key in sorted(before.keys() | after.keys()):
        found += changes(before.get(key), after.get(key), (*path, key))
    return found
