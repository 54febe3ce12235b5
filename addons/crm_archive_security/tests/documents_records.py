"""What records of the documents around an archive look like, for the access matrix."""

CHANGES = {
    "crm.nda": {"note": "x"},
    "crm.archive.carrier": {"measures": "x"},
    "crm.archive.incident": {"description": "x"},
    "crm.archive.incident.person": {"text": "x"},
    "crm.archive.change": {"value_after": "x"},
    "crm.archive.place": {"note": "x"},
    "crm.archive.place.check": {"measure": "x"},
    "crm.archive.reading": {"note": "x"},
    "crm.archive.release": {"purpose": "x"},
    "crm.archive.review": {"finding": "x"},
    "crm.archive.stocktake": {"note": "x"},
    "crm.archive.stocktake.line": {"explanation": "x"},
    "crm.archive.transfer": {"content": "x"},
    "crm.consent": {"proof": "x"},
    "crm.consent.purpose": {"notice": "x"},
    "crm.person.request": {"answer": "x"},
    "crm.security.duty": {"configuration": "x"},
    "crm.security.duty.check": {"evidence": "x"},
    "crm.security.training": {"content": "x"},
    "crm.security.training.attendance": {"note": "x"},
}


def prepare(case, model, user, name):  # noqa: C901, one case a model
    """Values of a document that belongs to a user."""
    own = {"user_id": user.id}
    match model:
        case "crm.nda":
            return {**own, "signatory_id": case.deputy.id, "scope": name, "liability": name}
        case "crm.archive.carrier":
            return {"user_id": case.author.id, "measures": name}
        case "crm.archive.incident":
            return {"subject": name, "reporter_id": user.id}
        case "crm.archive.incident.person":
            incident = case._own("crm.archive.incident", user)
            incident.user_id = case.author if user.share else user
            return {"incident_id": incident.id, "partner_id": case.customer.id}
        case "crm.archive.release":
            archive = case._own("crm.archive", case.author)
            return {**own, "archive_id": archive.id, "content": name, "purpose": name}
        case "crm.archive.transfer":
            return {**own, "content": name, "counterpart": name, "measures": name}
        case "crm.archive.place":
            return {"name": name}
        case "crm.archive.place.check":
            values = {"temperature": 20, "humidity": 50, "finding": name}
            return {**own, "place_id": case._own("crm.archive.place", user).id, **values}
        case "crm.archive.review":
            return {**own, "archive_id": case._own("crm.archive", case.author).id}
        case "crm.archive.reading":
            archive = case._own("crm.archive", case.author)
            values = {"content": name, "purpose": name, "reader_id": case.deputy.id}
            place = case._own("crm.archive.place", user)
            return {**own, "archive_id": archive.id, "place_id": place.id, **values}
        case "crm.archive.stocktake":
            return {**own, "note": name}
        case "crm.archive.stocktake.line":
            stocktake = case._own("crm.archive.stocktake", user)
            archive = case._own("crm.archive", case.author)
            return {"stocktake_id": stocktake.id, "archive_id": archive.id}
        case "crm.archive.change":
            values = {"field_name": "name", "value_after": name, "user_id": case.author.id}
            return {"archive_id": case._own("crm.archive", case.author).id, **values}
        case "crm.consent":
            purpose = case.env.ref("crm_archive_security.consent_purpose_care")
            return {**own, "partner_id": case.customer.id, "purpose_ids": purpose.ids}
        case "crm.security.duty.check":
            duty = case._own("crm.security.duty", user)
            return {"duty_id": duty.id, "result": "met", "evidence": name}
        case "crm.security.training":
            return {**own, "subject": name, "content": name}
        case "crm.security.training.attendance":
            training = case._own("crm.security.training", user)
            return {"training_id": training.id, "user_id": case.deputy.id}
        case "crm.person.request":
            return {**own, "partner_id": case.customer.id, "description": name}
    return None
