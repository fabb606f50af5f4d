"""How the small agent was trained; needs torch and transformers, the extra `training`."""
