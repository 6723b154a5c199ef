"""Typical drawings of each word, for drawing from words alone: made of photos with a clear subject."""
