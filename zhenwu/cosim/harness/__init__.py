"""The harnesses' traffic once more in Python, round the cycle models: what a signature must be."""
