"""What a check raises where the outside tool that it needs is not installed."""


class MissingTool(Exception):
    """One sentence that names the tool and how to get it."""
