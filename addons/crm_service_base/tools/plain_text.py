def clean_text(text, limit):
    """What somebody outside typed, as the database takes it.

    >>> clean_text("  we\\x00 come\\n", 5)
    'we co'
    >>> clean_text(None, 5)
    ''

    :param text: of a request, may be anything
    :param int limit: characters at most
    :return: str
    """
    return text.replace("\x00", "").strip()[:limit] if isinstance(text, str) else ""
