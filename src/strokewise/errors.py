"""Mistakes a person can mend. Each message is one line: what is wrong, and what to do."""


class StrokewiseError(Exception):
    """Base of all errors a user can act on; the command line prints it and exits with 2."""


class SettingsError(StrokewiseError):
    """A setting is out of its range, or names something unknown."""


class PhotoError(StrokewiseError):
    """The photo cannot be read, is too large, or shows nothing to draw."""


class EncoderError(StrokewiseError):
    """The encoder is unknown, or its weights cannot be had."""


class OutputError(StrokewiseError):
    """The drawing cannot be written where it was asked for."""


class SvgError(StrokewiseError):
    """The SVG is no drawing this program can read, or is not safe to read."""


class UnsupportedSvgError(SvgError):
    """The SVG may be sound, but it is not made of strokes alone."""


class RecognizeError(StrokewiseError):
    """There is nothing to recognise, or a label or a recogniser is unknown."""
