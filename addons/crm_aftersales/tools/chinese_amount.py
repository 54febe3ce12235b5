"""Amounts in Chinese capitals (大写金额), as receipts carry them. Plain Python, no database."""

SIMPLIFIED = {
    "digits": "零壹贰叁肆伍陆柒捌玖",
    "places": ("", "拾", "佰", "仟"),
    "groups": ("", "万", "亿", "万亿", "亿亿"),
    "unit": "元",
}
TRADITIONAL = {
    "digits": "零壹貳參肆伍陸柒捌玖",
    "places": ("", "拾", "佰", "仟"),
    "groups": ("", "萬", "億", "兆", "京"),
    "unit": "圓",
}


def capital_amount(amount, words=None):
    """An amount in capitals: 元, 角, 分, closed with 整 where nothing smaller follows.

    Zeros between digits are read once; the number of 分 is rounded, as a receipt has no smaller.

    :param float amount: not negative
    :param dict words: ``SIMPLIFIED`` or ``TRADITIONAL``
    :return: str

    >>> capital_amount(1680)
    '壹仟陆佰捌拾元整'
    >>> capital_amount(107000.53)
    '壹拾万柒仟元零伍角叁分'
    >>> capital_amount(1409.5)
    '壹仟肆佰零玖元伍角整'
    >>> capital_amount(6007.14)
    '陆仟零柒元壹角肆分'
    >>> capital_amount(325.04)
    '叁佰贰拾伍元零肆分'
    >>> capital_amount(0.4), capital_amount(0.07), capital_amount(0)
    ('肆角整', '柒分', '零元整')
    >>> capital_amount(100010001)
    '壹亿零壹万零壹元整'
    >>> capital_amount(100000000)
    '壹亿元整'
    >>> capital_amount(26800, TRADITIONAL)
    '貳萬陸仟捌佰圓整'
    """
    words = words or SIMPLIFIED
    cents = round(amount * 100)
    if cents < 0:
        raise ValueError("An amount in capitals is not negative.")
    whole, rest = divmod(cents, 100)
    tenths, hundredths = divmod(rest, 10)
    digits = words["digits"]
    text = capital_number(whole, words) + words["unit"] if whole else ""
    if not rest:
        return (text or digits[0] + words["unit"]) + "整"
    # a zero is read where a place is empty between two digits
    if whole and (not tenths or whole % 10 == 0):
        text += digits[0]
    if tenths:
        text += digits[tenths] + "角"
    return text + (digits[hundredths] + "分" if hundredths else "整")


def capital_number(number, words=None):
    """A whole number in capitals, by groups of four digits.

    >>> capital_number(10203040)
    '壹仟零贰拾万叁仟零肆拾'
    """
    words = words or SIMPLIFIED
    groups = []
    while number:
        number, group = divmod(number, 10000)
        groups.append(group)
    text = ""
    is_gap = False  # a zero stands between what was read and what comes
    for index in reversed(range(len(groups))):
        group = groups[index]
        if not group:
            is_gap = bool(text)
            continue
        if text and (is_gap or group < 1000):
            text += words["digits"][0]
        text += _read_group(group, words) + words["groups"][index]
        is_gap = False
    return text


def _read_group(group, words):
    """One to four digits, with a zero for each gap inside."""
    text = ""
    is_gap = False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if digit:
            if is_gap:
                text += words["digits"][0]
            text += words["digits"][digit] + words["places"][place]
            is_gap = False
        else:
            is_gap = bool(text)
    return text
