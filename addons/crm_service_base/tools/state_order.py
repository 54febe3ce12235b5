def in_order(records, states, _domain):
    """``group_expand`` of a field ``state``: columns in the order of the life of a document.

    Only states that something is in: on a phone a board would open on an empty column.

    :param records: of the model that is grouped
    :param list states: those found
    :return: list of the same states in the order of the selection
    """
    return [state for state in records._fields["state"].get_values(records.env) if state in states]
