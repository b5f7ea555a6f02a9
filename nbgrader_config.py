"""The repository as an nbgrader course that grades in our sandbox.

`nbgrader autograde`, formgrader, `nbgrader generate_feedback` and `nbgrader export`
work as they always do; what runs a student's code, and what a page of feedback
looks like, is ours. A course in another folder begins its own nbgrader_config.py with
`load_subconfig("nbgrader_config.py", path="/path/to/this/folder")`.
"""

import autograde  # noqa: F401 (nbgrader then finds its programs)

c = get_config()  # noqa: F821 (nbgrader provides it)

c.CourseDirectory.source_directory = "_build/source"
c.CourseDirectory.release_directory = "notebooks"

# Grading: a clean notebook from whatever was handed in, then marks from the sandbox.
c.Autograde.pre_convert_hook = "autograde.preprocessor.take_in"
c.Autograde.exporter_class = "autograde.preprocessor.CleanNotebook"
c.Autograde.sanitize_preprocessors = []
c.Autograde.autograde_preprocessors = [
    "autograde.preprocessor.Grade",
    "nbgrader.preprocessors.SaveAutoGrades",
    "autograde.preprocessor.SaveNotGraded",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# Feedback: our page in the place of nbgrader's.
c.GenerateFeedback.exporter_class = "autograde.feedback.FeedbackExporter"
c.GenerateFeedback.preprocessors = []

# `nbgrader export`: one row a student, one column an exercise.
c.ExportApp.plugin_class = "autograde.export.MarksExport"

# A late submission: "none" keeps its marks, "zero" takes them.
c.LateSubmissionPlugin.penalty_method = "none"
