"""What records of the documents around an archive look like, for the access matrix."""

CHANGES = {
    "crm.nda": {"note": "x"},
    "crm.archive.carrier": {"measures": "x"},
    "crm.archive.incident": {"description": "x"},
    "crm.archive.incident.person": {"text": "x"},
    "crm.archive.release": {"purpose": "x"},
    "crm.archive.transfer": {"content": "x"},
    "crm.consent": {"proof": "x"},
    "crm.consent.purpose": {"notice": "x"},
    "crm.person.request": {"answer": "x"},
}


def prepare(case, model, user, name):
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
        case "crm.consent":
            purpose = case.env.ref("crm_archive_security.consent_purpose_care")
            return {**own, "partner_id": case.customer.id, "purpose_ids": purpose.ids}
        case "crm.person.request":
            return {**own, "partner_id": case.customer.id, "description": name}
    return None
