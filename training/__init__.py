"""Teaches the embedded encoder to read line drawings; see README.md. Not part of the installed package."""
