"""What a notebook that runs has handed in so far, and whether it runs to be graded.

The grader judges answers itself, with a limit of time. Until then nothing of a learner's code that might not end is
run: `check` and the live cells keep still while `graded` is set.
"""

sources: dict[str, str] = {}  # of the live cells by name, as they were run last
graded = False
