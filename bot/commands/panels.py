"""Under which headings `--help` lists the commands."""

BEGIN = "To begin"
RUN = "While it runs"
DATA = "Data"
PEOPLE = "People and words"
