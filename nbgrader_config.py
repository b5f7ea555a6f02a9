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

# What a submission may use: the course, one chapter, one exercise; the narrower wins.
# Times are seconds of computing, or idle ones. All names: autograde/limits.py.
# c.Grader.limits = {
#     "course": {"memory": 2 << 30},
#     "02_linear": {"load_cpu": 20},
#     "02_linear/bilinear_backward": {"call_cpu": 10},
# }

# A private folder of hidden checks (check_02_linear.py, ...), not the public ones.
# c.Grader.checks_dir = "/home/me/private/checks"

# Feedback: our page in the place of nbgrader's.
c.GenerateFeedback.exporter_class = "autograde.feedback.FeedbackExporter"
c.GenerateFeedback.preprocessors = []

# `nbgrader export`: one row a student, one column an exercise.
c.ExportApp.plugin_class = "autograde.export.MarksExport"

# A late submission: "none" keeps its marks, "zero" takes them.
c.LateSubmissionPlugin.penalty_method = "none"
