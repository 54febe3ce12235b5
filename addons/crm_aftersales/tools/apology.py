"""Words of apology in a text (C1.R9)."""

import re
import unicodedata


def plain(text):
    """Lower case, full-width letters made narrow; blanks between Chinese characters left out.

    >>> plain("非 常 抱 歉")
    '非常抱歉'
    """
    text = unicodedata.normalize("NFKC", text or "").lower().replace("’", "'")
    text = re.sub(r"[\u200b-\u200f\u2060\ufeff]", "", text)
    return re.sub(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])", "", " ".join(text.split()))


def find_words(text, words):
    """Which words stand in a text; Latin words only as whole words.

    :return: list of the words as given, each once, in their order

    >>> find_words("给您添麻烦了，非常 抱 歉！", ["抱歉", "道歉"])
    ['抱歉']
    >>> find_words("We are Sorry. Sorrynot", ["sorry", "apolog*"])
    ['sorry']
    >>> find_words("Please accept our apologies", ["sorry", "apolog*"])
    ['apolog*']
    """
    text = plain(text)
    return [word for word in dict.fromkeys(words) if _pattern(word).search(text)]


def _pattern(word):
    pattern = re.escape(plain(word)).replace(r"\*", r"\w*")
    if re.match(r"[a-z]", plain(word)):
        pattern = rf"\b{pattern}\b"
    return re.compile(pattern)
