"""Many photos: a folder, a list or a Parquet file of them, drawn by processes here or by Ray's actors elsewhere.

from strokewise.batch import draw_many

summary = draw_many("photos", "drawings", strokes=8)   # killed at any moment, the same call goes on
print(summary.drawn, summary.failed)

The way of a photo: `sources` lists it, `plan` finds that it is not yet drawn, `dispatch` gives it to a worker of
`local` or `ray_pool`, where `drawer` draws it. `writer` writes the drawing, records it in the `journal`, and makes the
`manifest` from that. `run` is the function that does all of this.
"""

from .dry_run import Estimate, probe
from .plan import Plan, make_plan
from .run import Summary, Told, draw_many
from .sources import Item, Listing, list_photos

__all__ = [
    "Estimate",
    "Item",
    "Listing",
    "Plan",
    "Summary",
    "Told",
    "draw_many",
    "list_photos",
    "make_plan",
    "probe",
]
