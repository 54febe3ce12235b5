from . import models, wizards


def post_init_hook(env):
    """Grades that customers have already are taken over into the history."""
    env["crm.grade.history"]._record_present_grades()
