"""Agents: what recorded sessions look like."""
