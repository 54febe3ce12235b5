from .letter_common import LetterCommon


class MeritCommon(LetterCommon):
    """The supervisor heads the department of the specialist and proposes; the manager approves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("light", "serious", "grave", "praise"):
            severity = cls.env.ref(f"crm_aftersales.merit_severity_{name}")
            setattr(cls, name, severity)
        cls.second_manager = cls._new_user("test_manager2", "manager")

    @classmethod
    def _make_entry(cls, user=None, **values):
        return (
            cls.env["crm.merit.entry"]
            .with_user(user or cls.supervisor)
            .create(
                {
                    "person_id": cls.specialist.id,
                    "kind": "deduction",
                    "severity_id": cls.light.id,
                    "grounds": "Left a customer waiting for an hour",
                    **values,
                }
            )
        )

    def _enforce(self, entry, *approvers):
        """Submitted by the supervisor, approved by the manager unless others are named."""
        entry.action_approval_submit()
        for user in approvers or (self.manager,):
            entry.with_user(user).action_approval_approve()
        self.env.invalidate_all()
        return entry
