"""The digits by which a telephone number is the same number, however it was written."""

import re
import unicodedata

PREFIXES = ("886", "852", "853", "86")
EXTENSION = re.compile(r"(转|轉|分机|分機|ext|x|#|,|;|、|p)", re.IGNORECASE)
MIN_DIGITS = 5


def phone_key(number):
    """National digits without trunk zero: what is left is compared.

    :param number: as typed, as shown by a telephone exchange, or nothing
    :return: str of digits, empty where it is no number

    >>> phone_key("+86 138-0013-8000"), phone_key("０１３８ ００１３ ８０００")
    ('13800138000', '13800138000')
    >>> phone_key("0931 1234567"), phone_key("0086 (0)931-1234567 转 802")
    ('9311234567', '9311234567')
    >>> phone_key("8613800138000"), phone_key("+886 912 345 678"), phone_key("0912-345-678")
    ('13800138000', '912345678', '912345678')
    >>> phone_key("8612 3456"), phone_key("12"), phone_key("Wang"), phone_key(None)
    ('86123456', '', '', '')
    """
    text = unicodedata.normalize("NFKC", number or "")
    text = EXTENSION.split(text.strip(), maxsplit=1)[0]
    digits = re.sub(r"\D", "", text)
    abroad = text.strip().startswith(("+", "00"))
    if abroad:
        digits = digits.lstrip("0")
        prefix = next((p for p in PREFIXES if digits.startswith(p)), "")
        digits = digits[len(prefix) :]
    elif re.fullmatch(r"861\d{10}", digits):
        digits = digits[2:]
    digits = digits.lstrip("0")
    return digits if len(digits) >= MIN_DIGITS else ""
