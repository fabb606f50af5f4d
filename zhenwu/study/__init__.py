"""The degradation study: does a long session of the small agent go wrong more often, and what do four bits add?"""
