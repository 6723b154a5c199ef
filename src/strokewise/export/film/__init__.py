"""Drawings that appear stroke by stroke: GIF, WebP, MP4, time-lapses."""
