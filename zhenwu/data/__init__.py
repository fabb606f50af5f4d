"""Data that the package reads; origins in README.md beside it."""
