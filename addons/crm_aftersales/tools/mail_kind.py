"""Which mail a person wrote and which a machine did, by its headers.

Plain Python on ``email.message.Message``: nothing here knows the database.
"""

import re

REPLY_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-Autoreply-From")
LIST_HEADERS = ("List-Id", "List-Unsubscribe", "X-Auto-Response-Suppress")
REPLY_SUBJECT = re.compile(
    r"\s*(自动回复|自動回覆|自动答复|自動回復|auto(matic)?[ -]?reply|out of (the )?office)",
    re.IGNORECASE,
)
SILENT_ADDRESS = re.compile(
    r"(no|not|do-?not|donot)[-_.]?reply|mailer-daemon|postmaster|bounces?\b", re.IGNORECASE
)


def mail_kind(message):
    """What kind of mail came in.

    :param message: ``email.message.Message``
    :return: ``"auto_reply"``: an absence note or the like, which asks nothing of anybody;
        ``"automatic"``: a machine or a list wrote it, nobody waits for an answer;
        ``"personal"``: a person wrote it

    >>> from email import message_from_string as parse
    >>> mail_kind(parse("Subject: Charger"))
    'personal'
    >>> mail_kind(parse("Auto-Submitted: auto-replied (vacation)"))
    'auto_reply'
    >>> mail_kind(parse("Auto-Submitted: auto-generated"))
    'automatic'
    >>> mail_kind(parse("Return-Path: <>"))
    'auto_reply'
    >>> mail_kind(parse("Precedence: bulk"))
    'automatic'
    """

    def header(name):
        return str(message.get(name) or "").strip().lower()

    submitted, precedence = header("Auto-Submitted"), header("Precedence")
    if (
        submitted.startswith("auto-replied")
        or precedence == "auto_reply"
        or header("Return-Path") == "<>"
        or any(message.get(name) for name in REPLY_HEADERS)
    ):
        return "auto_reply"
    if (
        submitted not in ("", "no")
        or precedence in ("bulk", "junk", "list")
        or any(message.get(name) for name in LIST_HEADERS)
    ):
        return "automatic"
    return "personal"


def is_reply_subject(subject):
    """Whether a subject is that of an absence note: mail services of China send no header.

    >>> is_reply_subject("自动回复：充电器发烫")
    True
    >>> is_reply_subject("Re: automatic door")
    False
    """
    return bool(REPLY_SUBJECT.match(subject or ""))


def is_silent_address(address):
    """Whether nobody reads what is sent to an address.

    >>> is_silent_address("no-reply@shop.example.com"), is_silent_address("noreply@x.cn")
    (True, True)
    >>> is_silent_address("wang@noreply.example.com"), is_silent_address("norbert@x.cn")
    (False, False)
    """
    return bool(SILENT_ADDRESS.match((address or "").partition("@")[0]))


def plain_subject(subject):
    """A subject without the marks of replies and forwards.

    >>> plain_subject("Re: 回复\uff1a转发: RE: Charger")
    'Charger'
    """
    marks = r"^\s*((re|fwd?|aw|回复|回覆|答复|转发|轉寄|轉發)\s*[:\uff1a]\s*)+"
    return re.sub(marks, "", subject or "", flags=re.IGNORECASE).strip()
